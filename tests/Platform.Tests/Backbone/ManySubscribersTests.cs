using System.Diagnostics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;
using Message = BeschutWerk.Contracts.Backbone.SubscribeResponse.MessageOneofCase;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A thousand subscribers of one municipality on a real server. Memory is that of the whole process, clients included.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class ManySubscribersTests : NotesTest
{
    private const int Subscribers = 1_000, Silent = 100, Channels = 10;
    private const int Live = 200, Later = 4_000, LaterSize = 2_000;

    /// <summary>What the buffers of one connection's stream hold on both sides, and a share of the pools behind them.</summary>
    private const long MostPerSubscriber = 256 * 1024;

    private NotesHost _host = null!;
    private TenantId _tenant;

    [Fact]
    public async Task A_thousand_live_subscribers_get_every_event_once_in_order_and_those_who_stop_reading_cost_no_memory()
    {
        _host = await ServeAsync();
        _tenant = await _host.RegisterAsync(Amsterdam);
        var clients = Enumerable.Range(0, Channels)
            .Select(i => new EventService.EventServiceClient(As(_host, IdentityKind.Municipality, $"{Amsterdam}-{i}", Amsterdam))).ToList();
        var calls = Enumerable.Range(0, Subscribers).Select(i => clients[i % Channels].Subscribe(new SubscribeRequest { Municipality = Amsterdam })).ToList();
        try
        {
            await Task.WhenAll(calls.Select(call => FeedTests.NextAsync(call)));
            var watch = Stopwatch.StartNew();
            var following = calls[Silent..].Select(call => Task.Run(() => FollowAsync(call, 1, Live))).ToList();
            for (var written = 0; written < Live; written += 10) await WriteAsync(10, 100);
            var tokens = await Task.WhenAll(following);
            Told($"{following.Count * Live / watch.Elapsed.TotalSeconds:N0} deliveries/s to {following.Count} live subscribers beside {Silent} silent ones");

            // The token of any message resumes behind it.
            var token = Assert.Single(tokens.Distinct());
            var page = await clients[0].ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = token, PageSize = 1 });
            Assert.Equal((Live / 2) + 1, page.Events.Single().Sequence);

            // From here on nobody reads.
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var written = 0; written < Later; written += 500) await WriteAsync(500, LaterSize);
            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Told($"{grown / Subscribers / 1024:N0} KB more for each of {Subscribers} subscribers that do not read a log that grew by {Later * LaterSize / 1024:N0} KB");
            Assert.InRange(grown, long.MinValue, Subscribers * MostPerSubscriber);

            // And nobody missed anything.
            await Task.WhenAll(FollowAsync(calls[0], 1, Live + Later), FollowAsync(calls[Silent - 1], 1, Live + Later), FollowAsync(calls[^1], Live + 1, Live + Later));
        }
        finally
        {
            foreach (var call in calls) call.Dispose();
        }
    }

    private Task<bool> WriteAsync(int events, int size) => _host.Notes.TenantStores.Get(_tenant).WriteAsync(NotesHost.By("gm"), session =>
    {
        for (var i = 0; i < events; i++) session.Raise(new Contracts.Municipalities.CaseOpened { CaseId = new string('x', size) }, $"{i}");
        return true;
    });

    /// <summary>Reads events, each once and in order.</summary>
    /// <returns>The token of the one in the middle.</returns>
    private static async Task<string> FollowAsync(AsyncServerStreamingCall<SubscribeResponse> call, int first, int last)
    {
        var middle = "";
        for (var sequence = first; sequence <= last; sequence++)
        {
            var message = await FeedTests.NextAsync(call, beside: Message.CaughtUp, or: Message.Heartbeat);
            Assert.Equal(sequence, message.Event.Sequence);
            if (sequence == last / 2) middle = message.ResumeToken;
        }

        return middle;
    }

    private static void Told(string figure) => TestContext.Current.TestOutputHelper!.WriteLine(figure);
}
