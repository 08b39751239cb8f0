using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.BackboneTests;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>What an operator sees of parked events over gRPC, and does with them.</summary>
public sealed class ParkedOperationsTests : NotesTest
{
    private volatile bool _broken = true;
    private long _brokenFrom;
    private NotesHost _host = null!;
    private TenantId _tenant;
    private OperationsService.OperationsServiceClient _operator = null!;

    public override async ValueTask InitializeAsync()
    {
        _host = await ServeAsync(options => options with { Readers = FailOnBad });
        _tenant = await _host.RegisterAsync(Amsterdam);
        _operator = new OperationsService.OperationsServiceClient(Operator(_host, "petra"));
    }

    [Fact]
    public async Task What_is_parked_is_listed_counted_and_requeued_as_a_chain_once()
    {
        await ParkAsync("a", "bad", "bad", "b", "bad");
        var first = await ListAsync(pageSize: 2);
        Assert.Equal(2, first.Parked.Count);
        var rest = await ListAsync(pageSize: 2, token: first.NextPageToken);
        Assert.Equal("", rest.NextPageToken);
        var parked = first.Parked.Concat(rest.Parked).ToList();
        Assert.Equal([(2L, "InvalidCastException"), (3, "BEHIND_ANOTHER"), (5, "BEHIND_ANOTHER")], parked.Select(item => (item.Event.Sequence, item.Reason)));
        Assert.Equal(_host.Log(_tenant)[1].Event, parked[0].Event);

        var status = await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" });
        var count = Assert.Single(status.Parked);
        Assert.Equal((Amsterdam, 3, parked[0].ParkedAt), (count.Municipality, count.Count, count.Oldest));
        Assert.Equal((1, 0, 2), (status.Municipalities, status.Suspended, status.Stores));
        Assert.True(status.FreeBytes > 0);
        // Parked is done with, as applied is.
        var told = (await _operator.GetStatusAsync(new GetStatusRequest())).Raised;
        Assert.Equal([new EventCount { Service = "municipalities", Events = 5 }, new EventCount { Service = "municipalities", Platform = true, Events = 1 }], told);
        Assert.Equal(told, status.Applied);

        // Still broken: named, and nothing moved.
        var failed = await Assert.ThrowsAsync<RpcException>(() => RequeueAsync(parked[2].ParkedId));
        Assert.Equal((StatusCode.FailedPrecondition, ErrorReason.EventStillFails), (failed.StatusCode, RefusalStatus.ReasonOf(failed)));
        Assert.Equal("InvalidCastException", failed.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!.Metadata["fault"]);
        Assert.DoesNotContain("nobody may read", failed.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, (await ListAsync()).Parked.Count);

        _broken = false;
        var key = Ids.New();
        Assert.Equal(3, (await RequeueAsync(parked[2].ParkedId, key)).Handled);
        Assert.Equal([1L, 4, 2, 3, 5], _host.Seen(_tenant).Select(seen => seen.Sequence));
        // The same call again gets its answer, another call finds nothing.
        Assert.Equal(3, (await RequeueAsync(parked[2].ParkedId, key)).Handled);
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => RequeueAsync(parked[2].ParkedId)));
        Assert.Empty((await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" })).Parked);

        var act = Assert.Single((await ActsAsync()).Acts);
        Assert.Equal(("REQUEUED", "bad", "operator:petra"), (act.Act, act.Subject, act.Actor));
    }

    [Fact]
    public async Task A_chain_that_fails_half_way_leaves_who_requeued_it()
    {
        await ParkAsync("bad", "bad", "bad");
        var parked = (await ListAsync()).Parked;
        Volatile.Write(ref _brokenFrom, 2);
        Assert.Equal(ErrorReason.EventStillFails, await RefusedAsync(() => RequeueAsync(parked[0].ParkedId)));
        Assert.Equal(2, (await ListAsync()).Parked.Count);
        var act = Assert.Single((await ActsAsync()).Acts);
        Assert.Equal(("REQUEUED", "bad", "operator:petra"), (act.Act, act.Subject, act.Actor));
    }

    [Fact]
    public async Task A_drop_needs_a_reason_and_keeps_it_with_the_event_and_who_did_it_across_a_restart()
    {
        await ParkAsync("bad", "bad");
        var parked = (await ListAsync()).Parked;
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => DropAsync(parked[0].ParkedId, "")));
        Assert.Equal(2, (await ListAsync()).Parked.Count);

        var key = Ids.New();
        var dropped = await DropAsync(parked[0].ParkedId, "sent twice by the test", key);
        Assert.Equal((parked[0].Event.Id, 1), (dropped.EventId, dropped.Left));
        Assert.Equal(dropped, await DropAsync(parked[0].ParkedId, "sent twice by the test", key));
        Assert.Equal(ErrorReason.RequestIdReused, await RefusedAsync(() => DropAsync(parked[0].ParkedId, "another reason", key)));
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => DropAsync(parked[0].ParkedId, "again")));

        _broken = false;
        Assert.Equal(1, (await RequeueAsync(parked[1].ParkedId)).Handled);
        Assert.Equal([2L], _host.Seen(_tenant).Select(seen => seen.Sequence));

        await _host.DisposeAsync();
        _host = await ServeAsync();
        _operator = new OperationsService.OperationsServiceClient(Operator(_host, "petra"));
        var acts = (await ActsAsync()).Acts;
        Assert.Equal(["REQUEUED", "DROPPED"], acts.Select(act => act.Act));
        Assert.Equal(("sent twice by the test", "operator:petra"), (acts[1].Reason, acts[1].Actor));
        Assert.Equal(parked[0].Event, acts[1].Event);
    }

    [Fact]
    public async Task An_event_of_a_stranger_is_read_from_its_producer_once_the_municipality_is_known()
    {
        var stranger = TenantId.Parse("GM0599");
        await _host.AddAsync(_tenant, "a");
        var theirs = _host.Log(_tenant)[0].Event.Clone();
        theirs.Source = theirs.Source.Replace(Amsterdam, stranger.Code, StringComparison.Ordinal);
        await _host.Readers.ParkStrangerAsync(new BeschutWerk.Backbone.Messaging.SourceKey("municipalities", stranger), theirs);
        await _host.Readers.ParkUnreadableAsync("somebody's name"u8.ToArray());

        var parked = (await _operator.ListParkedEventsAsync(new ListParkedEventsRequest { Service = "readers" })).Parked;
        Assert.Equal(["UNKNOWN_MUNICIPALITY", "UNREADABLE"], parked.Select(item => item.Reason));
        Assert.Null(parked[1].Event.Data);
        Assert.Equal(ErrorReason.StateForbids, await RefusedAsync(() => RequeueAsync(parked[1].ParkedId, municipality: "")));
        Assert.Equal(ErrorReason.EventStillFails, await RefusedAsync(() => RequeueAsync(parked[0].ParkedId, municipality: "")));

        await _host.RegisterAsync(stranger.Code);
        await _host.AddAsync(stranger, "theirs");
        Assert.Equal(1, (await RequeueAsync(parked[0].ParkedId, municipality: "")).Handled);
        await Eventually(() => _host.Seen(stranger).Count == 1, "the stranger's event is applied");
        Assert.Equal("UNREADABLE", Assert.Single((await _operator.ListParkedEventsAsync(new ListParkedEventsRequest { Service = "readers" })).Parked).Reason);
    }

    [Fact]
    public async Task Nobody_but_an_operator_may_and_what_does_not_exist_is_named()
    {
        var municipality = new OperationsService.OperationsServiceClient(Municipality(_host, Amsterdam));
        Assert.Equal(ErrorReason.KindNotAllowed, await RefusedAsync(() => municipality.GetStatusAsync(new GetStatusRequest()).ResponseAsync));
        Assert.Equal(ErrorReason.KindNotAllowed, await RefusedAsync(() => municipality.ListParkedEventsAsync(new ListParkedEventsRequest { Municipality = Amsterdam }).ResponseAsync));
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => _operator.GetStatusAsync(new GetStatusRequest { Service = "nobody" }).ResponseAsync));
        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => _operator.ListParkedEventsAsync(new ListParkedEventsRequest { Municipality = "GM0599" }).ResponseAsync));
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => _operator.ListParkedEventsAsync(new ListParkedEventsRequest { Municipality = Amsterdam, PageToken = "abc" }).ResponseAsync));
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => DropAsync(99, "gone")));
        // Asking makes no store.
        Assert.Empty((await ListAsync()).Parked);
        Assert.False(File.Exists(Path.Combine(Folder, "readers", Amsterdam + ".db")));
        Assert.Equal("municipalities", (await _operator.GetStatusAsync(new GetStatusRequest())).Service);
    }

    private async Task ParkAsync(params string[] texts)
    {
        foreach (var text in texts) await _host.AddAsync(_tenant, text);
        var store = _host.Readers.TenantStores.Get(_tenant);
        var bad = texts.Count(text => text == "bad");
        await Eventually(() => store.Exists && _host.Readers.TenantInbox.ListParked(_tenant).Count == bad && _host.Seen(_tenant).Count == texts.Length - bad, "all is applied or parked");
    }

    private Task<ListParkedEventsResponse> ListAsync(int pageSize = 0, string token = "") => _operator.ListParkedEventsAsync(
        new ListParkedEventsRequest { Service = "readers", Municipality = Amsterdam, PageSize = pageSize, PageToken = token }).ResponseAsync;

    private Task<ListOperatorActsResponse> ActsAsync() =>
        _operator.ListOperatorActsAsync(new ListOperatorActsRequest { Service = "readers", Municipality = Amsterdam }).ResponseAsync;

    private Task<RequeueParkedEventResponse> RequeueAsync(long parkedId, Guid? key = null, string? municipality = null) => _operator.RequeueParkedEventAsync(
        new RequeueParkedEventRequest { Service = "readers", Municipality = municipality ?? Amsterdam, ParkedId = parkedId, RequestId = (key ?? Ids.New()).Text() }).ResponseAsync;

    private Task<DropParkedEventResponse> DropAsync(long parkedId, string reason, Guid? key = null) => _operator.DropParkedEventAsync(
        new DropParkedEventRequest { Service = "readers", Municipality = Amsterdam, ParkedId = parkedId, Reason = reason, RequestId = (key ?? Ids.New()).Text() }).ResponseAsync;

    private void FailOnBad(ServiceDefinition<ReaderStore, ReaderPlatform> service) =>
        service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
        {
            session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject });
            if (_broken && received.Subject == "bad" && received.Sequence >= Volatile.Read(ref _brokenFrom)) throw new InvalidCastException("may hold what nobody may read");
        });
}
