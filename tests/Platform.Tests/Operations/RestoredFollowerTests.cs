using System.Collections.Concurrent;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Platform.Tests.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>
/// Who follows a store that was restored applies every event that it still holds once, goes on under its new source, and
/// names what it applied and the store lost.
/// </summary>
public sealed class RestoredFollowerTests : NotesTest
{
    private NotesHost _host = null!;
    private TenantId _tenant;
    private OperationsService.OperationsServiceClient _operator = null!;
    private volatile bool _deaf;

    public override async ValueTask InitializeAsync()
    {
        _host = await ServeAsync(options => options with { Adjust = builder => builder.Services.AddSingleton<EventTransport>(services => new SwitchedTransport(services, () => _deaf)) });
        _tenant = await _host.RegisterAsync(Amsterdam);
        _operator = new OperationsService.OperationsServiceClient(Operator(_host));
    }

    [Fact]
    public async Task One_that_was_ahead_goes_on_with_the_new_source_and_names_what_was_lost()
    {
        await AddAsync("a", "b");
        var backup = await BackUpAsync("municipalities");
        await AddAsync("lost c", "lost d", "lost e");
        await SeenAsync("a", "b", "lost c", "lost d", "lost e");
        var restored = await RestoreAsync(backup);
        await AddAsync("f", "g");
        await SeenAsync("a", "b", "lost c", "lost d", "lost e", "f", "g");
        Assert.Equal(3, restored.LostEvents);

        var status = await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" });
        var lost = Assert.Single(status.Lost);
        Assert.Equal((Amsterdam, backup.Source, 3L, 5L), (lost.Municipality, lost.Source, lost.FromSequence, lost.ToSequence));
        var finding = Assert.Single((await _operator.VerifyStoreAsync(new VerifyStoreRequest { Service = "readers", Municipality = Amsterdam })).Findings);
        Assert.Equal("PRODUCER_LOST_EVENTS", finding.Code);
        Assert.Contains($"last 3 events of {backup.Source} up to 5", finding.Detail, StringComparison.Ordinal);
        Assert.Empty((await _operator.VerifyStoreAsync(new VerifyStoreRequest { Municipality = Amsterdam })).Findings);
        Assert.Empty(status.Parked);
        Assert.Empty(status.Behind);
        // What was lost counts no more, neither there nor here.
        var told = (await _operator.GetStatusAsync(new GetStatusRequest())).Raised;
        Assert.Equal(4, told.Single(count => !count.Platform).Events);
        Assert.Equal(told, status.Applied);
    }

    [Fact]
    public async Task What_somebody_settled_is_named_no_more_and_a_later_loss_is()
    {
        await AddAsync("a");
        var early = await BackUpAsync("municipalities");
        await AddAsync("b");
        var late = await BackUpAsync("municipalities");
        await AddAsync("lost c", "lost d");
        await SeenAsync("a", "b", "lost c", "lost d");
        await RestoreAsync(late);
        await AddAsync("e");
        await SeenAsync("a", "b", "lost c", "lost d", "e");
        var settle = Settle(early.Source, 3, 4);
        foreach (var other in new[] { Settle(early.Source, 2, 4), Settle(early.Source, 3, 3), Settle("urn:other", 3, 4) })
        {
            Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => _operator.SettleLostEventsAsync(other).ResponseAsync));
        }

        var applied = (await StatusAsync()).Applied;
        Assert.Equal(2, (await _operator.SettleLostEventsAsync(settle)).Settled);
        Assert.Equal(2, (await _operator.SettleLostEventsAsync(settle)).Settled);

        Assert.Empty((await StatusAsync()).Lost);
        // What was lost counts no more than before.
        Assert.Equal(applied, (await StatusAsync()).Applied);
        var verify = new VerifyStoreRequest { Service = "readers", Municipality = Amsterdam };
        Assert.Empty((await _operator.VerifyStoreAsync(verify)).Findings);
        var list = new ListOperatorActsRequest { Service = "readers", Municipality = Amsterdam };
        var act = Assert.Single((await _operator.ListOperatorActsAsync(list)).Acts);
        Assert.Equal(("SETTLED", $"{early.Source} 3-4"), (act.Act, act.Subject));
        Assert.Equal(("recorded again", "operator:operator"), (act.Reason, act.Actor));
        settle.RequestId = Ids.New().Text();
        Assert.Equal(ErrorReason.NotFound, await RefusedAsync(() => _operator.SettleLostEventsAsync(settle).ResponseAsync));

        // A restore to an earlier moment loses more: only that is named.
        await RestoreAsync(early);
        await AddAsync("f");
        await SeenAsync("a", "b", "lost c", "lost d", "e", "f");
        var lost = (await StatusAsync()).Lost;
        Assert.Equal(["2-2", "1-1"], lost.Select(events => $"{events.FromSequence}-{events.ToSequence}"));
        Assert.Equal(early.Source, lost[0].Source);
        var detail = $"The last 1 events of {early.Source} up to 2 ";
        var found = (await _operator.VerifyStoreAsync(verify)).Findings;
        Assert.Contains(found, one => one.Detail.StartsWith(detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_was_behind_reads_the_rest_and_one_that_is_new_reads_all_and_nothing_is_lost()
    {
        await AddAsync("a");
        await SeenAsync("a");
        _deaf = true;
        await AddAsync("b", "c");
        var backup = await BackUpAsync("municipalities");
        await AddAsync("never told");
        await RestoreAsync(backup);
        await AddAsync("d");
        _deaf = false;
        await AddAsync("e");
        await SeenAsync("a", "b", "c", "d", "e");
        Assert.Empty((await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" })).Lost);

        // A follower that is made now.
        await _host.DisposeAsync();
        Directory.Delete(Path.Combine(Folder, "readers"), recursive: true);
        _host = await ServeAsync();
        await SeenAsync("a", "b", "c", "d", "e");
    }

    [Fact]
    public async Task Restored_again_to_a_moment_before_the_first_restore_every_loss_is_named()
    {
        await AddAsync("a");
        var early = await BackUpAsync("municipalities");
        await AddAsync("b");
        var late = await BackUpAsync("municipalities");
        await RestoreAsync(late);
        await AddAsync("c", "d");
        await SeenAsync("a", "b", "c", "d");
        var second = await RestoreAsync(early);
        Assert.Equal(3, second.LostEvents);
        await AddAsync("e");
        await SeenAsync("a", "b", "c", "d", "e");

        var lost = (await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" })).Lost;
        Assert.Equal(2, lost.Count);
        Assert.Equal((early.Source, 2L, 2L), (lost[0].Source, lost[0].FromSequence, lost[0].ToSequence));
        Assert.Equal((1L, 2L), (lost[1].FromSequence, lost[1].ToSequence));

        // The later backup has one of them: it is not lost any more, and not applied twice.
        await RestoreAsync(late);
        await AddAsync("f");
        await SeenAsync("a", "b", "c", "d", "e", "f");
        lost = (await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" })).Lost;
        Assert.Equal(["1-2", "1-1"], lost.Select(events => $"{events.FromSequence}-{events.ToSequence}"));
        Assert.DoesNotContain(lost, events => events.Source == early.Source);
    }

    [Fact]
    public async Task A_restored_follower_reads_again_what_it_had_received()
    {
        await AddAsync("a", "b");
        await SeenAsync("a", "b");
        var backup = await BackUpAsync("readers");
        await AddAsync("c", "d");
        await SeenAsync("a", "b", "c", "d");
        await RestoreAsync(backup);
        // Without a new event: nobody wakes it but the restore itself.
        await SeenAsync("a", "b", "c", "d");
        await AddAsync("e");
        await SeenAsync("a", "b", "c", "d", "e");
        Assert.Empty((await _operator.VerifyStoreAsync(new VerifyStoreRequest { Service = "readers", Municipality = Amsterdam })).Findings);
    }

    [Fact]
    public async Task Deliveries_of_the_new_source_are_not_taken_for_old_ones_and_late_ones_of_the_old_source_have_no_effect()
    {
        await AddAsync("a", "b", "c");
        await SeenAsync("a", "b", "c");
        var backup = await BackUpAsync("municipalities");
        await AddAsync("lost");
        var late = _host.Log(_tenant)[^1].Event;
        await SeenAsync("a", "b", "c", "lost");
        _deaf = true;
        await RestoreAsync(backup);
        await AddAsync("d", "e");
        var fresh = _host.Log(_tenant).Select(logged => logged.Event).ToList();
        Assert.Equal([1L, 2L], fresh.Select(one => one.Sequence));
        foreach (var one in fresh.Append(late).Append(fresh[0])) await OfferAsync(one);
        await SeenAsync("a", "b", "c", "lost", "d", "e");
        await AddAsync("f");
        await OfferAsync(_host.Log(_tenant)[^1].Event);
        await SeenAsync("a", "b", "c", "lost", "d", "e", "f");
    }

    [Fact]
    public async Task A_file_that_was_put_back_by_hand_is_found_by_who_follows_it()
    {
        await AddAsync("a");
        var backup = await BackUpAsync("municipalities");
        await AddAsync("b", "c");
        await SeenAsync("a", "b", "c");
        await _host.DisposeAsync();
        File.Copy(Path.Combine(Folder, "backups", "municipalities", Amsterdam, backup.BackupId + ".db"), Path.Combine(Folder, "municipalities", Amsterdam + ".db"), overwrite: true);
        _host = await ServeAsync();
        _operator = new OperationsService.OperationsServiceClient(Operator(_host));
        var finding = Assert.Single((await _operator.VerifyStoreAsync(new VerifyStoreRequest { Service = "readers", Municipality = Amsterdam })).Findings);
        Assert.Equal("PRODUCER_LOST_EVENTS", finding.Code);
    }

    [Fact]
    public async Task What_the_broker_had_not_confirmed_is_published_before_what_comes_after_the_restore()
    {
        var published = new ConcurrentQueue<string>();
        var away = true;
        var dispatcher = new Dispatcher(_host.Notes, (one, _) =>
        {
            if (away && one.Subject != "a") throw new TimeoutException("not confirmed");
            published.Enqueue(one.Subject);
            return Task.CompletedTask;
        }, NullLogger.Instance);
        dispatcher.Start();
        await AddAsync("a");
        dispatcher.Wake(_host.Notes.Feed(_tenant).Store);
        await Eventually(() => published.Contains("a"), "the first is published");
        await AddAsync("b", "c");
        dispatcher.Wake(_host.Notes.Feed(_tenant).Store);
        var backup = await BackUpAsync("municipalities");
        await AddAsync("lost");
        await RestoreAsync(backup);
        await AddAsync("d");
        away = false;
        dispatcher.Wake(_host.Notes.Feed(_tenant).Store);
        await Eventually(() => published.Contains("d"), "the last is published");
        await dispatcher.StopAsync();
        // "a" may come again: how far the broker confirmed is remembered now and then.
        Assert.Equal(["b", "c", "d"], published.Where(subject => _host.Notes.Feed(_tenant).ReadAfter(0, 10).Any(logged => logged.Event.Subject == subject)).SkipWhile(subject => subject != "b"));
        Assert.DoesNotContain("lost", published);
        Assert.Equal((0, 1L), (_host.Notes.Feed(_tenant).Published().SourceId, _host.Notes.Feed(_tenant).Published().Sequence));
    }

    private async Task AddAsync(params string[] texts)
    {
        foreach (var text in texts) await _host.AddAsync(_tenant, text);
    }

    private async Task SeenAsync(params string[] texts)
    {
        await Eventually(() => _host.Seen(_tenant).Count >= texts.Length, $"{texts.Length} events are applied, but {string.Join(", ", _host.Seen(_tenant).Select(seen => seen.Subject))}");
        Assert.Equal(texts, _host.Seen(_tenant).Select(seen => seen.Subject));
    }

    private async Task<GetStatusResponse> StatusAsync() => await _operator.GetStatusAsync(new GetStatusRequest { Service = "readers" });

    private static SettleLostEventsRequest Settle(string source, long from, long to) => new()
    {
        Service = "readers", Municipality = Amsterdam, RequestId = Ids.New().Text(),
        Source = source, FromSequence = from, ToSequence = to, Reason = "recorded again",
    };

    private Task OfferAsync(CloudEvent one) => ArrivalTests.OfferAsync(_host, _tenant, one).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

    private async Task<Backup> BackUpAsync(string service) =>
        (await _operator.BackupStoreAsync(new BackupStoreRequest { Service = service, Municipality = Amsterdam, RequestId = Ids.New().Text() })).Backup;

    private Task<RestoreStoreResponse> RestoreAsync(Backup backup) => _operator.RestoreStoreAsync(new RestoreStoreRequest
    {
        Service = backup.Service, Municipality = backup.Municipality, BackupId = backup.BackupId, Reason = "a test", RequestId = Ids.New().Text(),
    }).ResponseAsync;

    /// <summary>Deaf, a commit wakes nobody: only what the test delivers arrives.</summary>
    private sealed class SwitchedTransport(IServiceProvider services, Func<bool> deaf) : EventTransport
    {
        private readonly EmbeddedTransport _log = new(services);

        public override void Committed(StoreName store)
        {
            if (!deaf()) _log.Committed(store);
        }

        public override Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel) => _log.ReadAsync(source, after, most, cancel);
    }
}
