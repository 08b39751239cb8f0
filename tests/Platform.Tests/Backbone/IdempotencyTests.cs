using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A call that is repeated with its request_id has its effect once and its answer as often as it is asked for.</summary>
public sealed class IdempotencyTests : NotesTest
{
    private NotesHost _host = null!;
    private TenantId _tenant;
    private TenantService.TenantServiceClient _client = null!;

    private StoreHandle<NotesStore> Store => _host.Notes.TenantStores.Get(_tenant);

    private FastClock Clock { get; } = new();

    public override async ValueTask InitializeAsync()
    {
        _host = await ServeAsync(options => options with { Clock = Clock });
        _tenant = await _host.RegisterAsync(Amsterdam);
        _client = new TenantService.TenantServiceClient(Operator(_host));
    }

    [Fact]
    public async Task The_same_call_again_gets_the_same_answer_without_a_second_effect()
    {
        var request = Suspend("note");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _client.SuspendTenantAsync(request).ResponseAsync));
        var later = await _client.SuspendTenantAsync(request);
        Assert.All(answers, answer => Assert.Equal(later, answer));
        Assert.Single(_host.Log(_tenant));
    }

    [Fact]
    public async Task The_same_id_for_something_else_is_refused()
    {
        var request = Suspend("note");
        await _client.SuspendTenantAsync(request);

        var otherBody = request.Clone();
        otherBody.Reason = "another";
        Assert.Equal(ErrorReason.RequestIdReused, await RefusedAsync(() => _client.SuspendTenantAsync(otherBody).ResponseAsync));

        var otherCall = Resume();
        otherCall.RequestId = request.RequestId;
        Assert.Equal(ErrorReason.RequestIdReused, await RefusedAsync(() => _client.ResumeTenantAsync(otherCall).ResponseAsync));
        Assert.Single(_host.Log(_tenant));
    }

    [Fact]
    public async Task Somebody_elses_id_is_as_good_as_any_and_each_is_answered_their_own()
    {
        var request = Suspend("note");
        var first = await _client.SuspendTenantAsync(request);
        var second = new TenantService.TenantServiceClient(Operator(_host, "second"));

        // The same body has its own effect, another body is no reuse, and neither answer takes the place of the other.
        await second.SuspendTenantAsync(request);
        Assert.Equal(2, _host.Log(_tenant).Count);
        var otherCall = Resume();
        otherCall.RequestId = request.RequestId;
        var resumed = await new TenantService.TenantServiceClient(Operator(_host, "third")).ResumeTenantAsync(otherCall);
        Assert.Equal(3, Rows());
        Assert.Equal(first, await _client.SuspendTenantAsync(request));
        Assert.Equal(resumed, await new TenantService.TenantServiceClient(Operator(_host, "third")).ResumeTenantAsync(otherCall));
        Assert.Equal(3, Rows());
    }

    [Fact]
    public async Task What_was_answered_before_ids_were_each_callers_own_is_answered_to_its_owner_and_says_nothing_to_others()
    {
        var request = Suspend("note");
        var first = await _client.SuspendTenantAsync(request);
        var events = _host.Log(_tenant).Count;
        await Store.WriteAsync(NotesHost.By("gm"), session => session.Command("UPDATE requests SET caller = x''").ExecuteNonQuery());

        Assert.Equal(first, await _client.SuspendTenantAsync(request));
        Assert.Equal(events, _host.Log(_tenant).Count);
        await new TenantService.TenantServiceClient(Operator(_host, "second")).SuspendTenantAsync(request);
        Assert.Equal(events + 1, _host.Log(_tenant).Count);
        Assert.Equal(first, await _client.SuspendTenantAsync(request));
        Assert.Equal(2, Rows());
    }

    [Fact]
    public async Task A_refusal_leaves_no_row_and_is_decided_again()
    {
        var request = Suspend(Slices.Refused);
        Assert.Equal(ErrorReason.StateForbids, await RefusedAsync(() => _client.SuspendTenantAsync(request).ResponseAsync));
        Assert.Equal(0, Rows());
        request.Reason = "now it may";
        await _client.SuspendTenantAsync(request);
        Assert.Equal(1, Rows());
    }

    [Fact]
    public async Task What_was_answered_is_not_prepared_again()
    {
        var request = Resume();
        var first = await _client.ResumeTenantAsync(request);
        await _client.SuspendTenantAsync(Suspend("in between"));
        var prepared = TenantCalls.Prepared;
        Assert.Equal(first, await _client.ResumeTenantAsync(request));
        Assert.Equal(prepared, TenantCalls.Prepared);
    }

    [Fact]
    public async Task The_nil_uuid_is_no_key()
    {
        var request = Suspend("note");
        request.RequestId = Guid.Empty.ToString("D");
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => _client.SuspendTenantAsync(request).ResponseAsync));
        Assert.Empty(_host.Log(_tenant));
    }

    [Fact]
    public async Task Answers_are_kept_for_thirty_days()
    {
        var old = _host.Notes.Clock.GetUtcNow();
        await Store.WriteAsync(NotesHost.By("gm"), session =>
        {
            for (var i = 0; i < 1200; i++)
            {
                RequestLog.Add(session.Statement, new CallKey(Ids.New(), [1], "/old", [1]), new SuspendTenantResponse(), old);
            }

            return true;
        });
        Clock.Ahead = TimeSpan.FromDays(29);
        await RequestLog.PurgeAsync(Store, "municipalities", Clock);
        Assert.Equal(1200, Rows());
        Clock.Ahead = TimeSpan.FromDays(31);
        var kept = Suspend("kept");
        var answer = await new TenantService.TenantServiceClient(Operator(_host, "later")).SuspendTenantAsync(kept);
        await RequestLog.PurgeAsync(Store, "municipalities", Clock);
        Assert.Equal(1, Rows());
        Assert.Equal(answer, await new TenantService.TenantServiceClient(Operator(_host, "later")).SuspendTenantAsync(kept));
    }

    [Fact]
    public async Task Anothers_municipality_and_an_unknown_one_look_the_same_and_a_suspended_one_is_refused()
    {
        await _host.RegisterAsync("GM0599");
        var mine = new CaseService.CaseServiceClient(Municipality(_host, Amsterdam));
        var known = mine.GetCaseAsync(new GetCaseRequest { Municipality = "GM0599", CaseId = Ids.New().Text() });
        var unknown = mine.GetCaseAsync(new GetCaseRequest { Municipality = "GM9999", CaseId = Ids.New().Text() });
        var first = await Assert.ThrowsAsync<RpcException>(() => known.ResponseAsync);
        var second = await Assert.ThrowsAsync<RpcException>(() => unknown.ResponseAsync);
        Assert.Equal((StatusCode.NotFound, ErrorReason.MunicipalityNotFound), (first.StatusCode, RefusalStatus.ReasonOf(first)));
        Assert.Equal(first.GetRpcStatus(), second.GetRpcStatus());

        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => mine.GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = Ids.New().Text() }).ResponseAsync));
        _host.Notes.Tenants.Suspended(_tenant);
        Assert.Equal(ErrorReason.TenantSuspended, await RefusedAsync(() => mine.GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = Ids.New().Text() }).ResponseAsync));
    }

    [Fact]
    public async Task Who_shows_no_token_or_is_of_the_wrong_kind_touches_no_store()
    {
        var nobody = new TenantService.TenantServiceClient(Channel().As(_ => ValueTask.FromResult("forged")));
        Assert.Equal(ErrorReason.NotAuthenticated, await RefusedAsync(() => nobody.SuspendTenantAsync(Suspend("note")).ResponseAsync));
        var bare = new TenantService.TenantServiceClient(Channel());
        Assert.Equal(ErrorReason.NotAuthenticated, await RefusedAsync(() => bare.SuspendTenantAsync(Suspend("note")).ResponseAsync));
        var municipality = new TenantService.TenantServiceClient(Municipality(_host, Amsterdam));
        Assert.Equal(ErrorReason.KindNotAllowed, await RefusedAsync(() => municipality.SuspendTenantAsync(Suspend("note")).ResponseAsync));
        Assert.False(Store.Exists);
    }

    [Fact]
    public async Task Without_the_token_server_nobody_is_called_a_stranger()
    {
        await _host.DisposeAsync();
        _host = await ServeAsync(options => options with
        {
            Before = builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Identity:Authority"] = $"http://localhost:{FreePort.Next()}/" }),
        });
        var failed = await Assert.ThrowsAsync<RpcException>(() => new TenantService.TenantServiceClient(Operator(_host)).SuspendTenantAsync(Suspend("note")).ResponseAsync);
        Assert.Equal((StatusCode.Unavailable, ErrorReason.ServiceUnreachable), (failed.StatusCode, RefusalStatus.ReasonOf(failed)));
    }

    private static SuspendTenantRequest Suspend(string text) =>
        new() { Municipality = Amsterdam, RequestId = Ids.New().Text(), Reason = text, SuspendedOn = new DateOnly(2018, 6, 15).ToDate() };

    private static ResumeTenantRequest Resume() =>
        new() { Municipality = Amsterdam, RequestId = Ids.New().Text(), ResumedOn = new DateOnly(2018, 6, 15).ToDate() };

    private long Rows() => Store.Read(Caller.OfService("test"), session => (long)session.Command("SELECT COUNT(*) FROM requests").ExecuteScalar()!);
}
