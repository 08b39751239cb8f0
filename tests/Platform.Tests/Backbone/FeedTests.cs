using System.Diagnostics;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;
using Message = BeschutWerk.Contracts.Backbone.SubscribeResponse.MessageOneofCase;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>EventService over real gRPC: every event once a client resumes with what it was given, and nothing else.</summary>
public sealed class FeedTests : NotesTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private NotesHost _host = null!;
    private TenantId _tenant;
    private EventService.EventServiceClient _client = null!;

    private FastClock Clock { get; } = new();

    public override async ValueTask InitializeAsync()
    {
        _host = await ServeAsync(options => options with { Clock = Clock });
        _tenant = await _host.RegisterAsync(Amsterdam);
        _client = new EventService.EventServiceClient(Municipality(_host, Amsterdam));
    }

    [Fact]
    public async Task A_subscription_is_confirmed_tells_what_was_says_when_it_caught_up_and_goes_on_live()
    {
        await _host.AddAsync(_tenant, "one");
        await _host.AddAsync(_tenant, "two");
        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        Assert.Equal(2, (await NextAsync(call)).Confirmed.HeadPosition);
        Assert.Equal("one", (await NextAsync(call)).Event.Subject);
        Assert.Equal("two", (await NextAsync(call)).Event.Subject);
        Assert.Equal(2, (await NextAsync(call)).CaughtUp.Position);

        await _host.AddAsync(_tenant, "three");
        var live = await NextAsync(call, beside: Message.Heartbeat);
        Assert.Equal(_host.Log(_tenant)[^1].Event, live.Event);
        await _host.AddAsync(_tenant, "four");
        Assert.Equal("four", (await NextAsync(call, beside: Message.Heartbeat)).Event.Subject);
    }

    [Fact]
    public async Task Every_token_resumes_exactly_behind_its_message()
    {
        for (var i = 0; i < 5; i++) await _host.AddAsync(_tenant, $"{i}");
        var tokens = new List<string>();
        using (var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam }))
        {
            for (var message = await NextAsync(call); message.MessageCase != Message.CaughtUp; message = await NextAsync(call)) tokens.Add(message.ResumeToken);
        }

        Assert.Equal(6, tokens.Count);
        for (var i = 0; i < 5; i++)
        {
            using var resumed = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, After = tokens[i] });
            Assert.Equal(Message.Confirmed, (await NextAsync(resumed)).MessageCase);
            Assert.Equal($"{i}", (await NextAsync(resumed)).Event.Subject);
            var page = await _client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = tokens[i], PageSize = 2 });
            Assert.Equal(Enumerable.Range(i, Math.Min(2, 5 - i)).Select(n => $"{n}"), page.Events.Select(e => e.Subject));
            Assert.Equal(i >= 4, page.EndReached);
        }
    }

    [Fact]
    public async Task Silence_is_filled_with_heartbeats_that_carry_the_token()
    {
        await _host.AddAsync(_tenant, "one");
        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        while ((await NextAsync(call)).MessageCase != Message.CaughtUp)
        {
        }

        var heartbeat = await NextAsync(call);
        Assert.NotNull(heartbeat.Heartbeat);
        await _host.AddAsync(_tenant, "two");
        using var resumed = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, After = heartbeat.ResumeToken });
        await NextAsync(resumed);
        Assert.Equal("two", (await NextAsync(resumed)).Event.Subject);
    }

    [Fact]
    public async Task A_filter_passes_only_its_types_and_moves_on_over_the_others()
    {
        await _host.AddAsync(_tenant, "one");
        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, Types_ = { EventTypes.CloudType("case-determined") } });
        await NextAsync(call);
        Assert.Equal(1, (await NextAsync(call)).CaughtUp.Position);

        // Where only others happen, faster than the server falls silent, heartbeats move its token on.
        var heartbeat = NextAsync(call);
        while (!heartbeat.IsCompleted)
        {
            await _host.AddAsync(_tenant, "filtered out");
            Clock.Ahead += TimeSpan.FromSeconds(5);
            await Task.Delay(20, Cancel);
        }

        Assert.Equal(Message.Heartbeat, (await heartbeat).MessageCase);
        await _host.AddAsync(_tenant, "one more");
        using var resumed = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, After = (await heartbeat).ResumeToken });
        await NextAsync(resumed);
        Assert.InRange((await NextAsync(resumed)).Event.Sequence, 3, long.MaxValue);
    }

    [Fact]
    public async Task A_filter_names_events_in_full_or_in_short_and_what_never_comes_is_refused()
    {
        await _host.AddAsync(_tenant, "one");
        foreach (var name in new[] { "case-opened", EventTypes.CloudType("case-opened") })
        {
            using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, Types_ = { "quota-published", name } });
            await NextAsync(call);
            Assert.Equal("one", (await NextAsync(call)).Event.Subject);
        }

        // Misspelt, of another version, of the platform, of a service whose events are not kept here.
        string[] never = ["case-openend", "nl.participatiewet.beschut-werk.case-opened.v2", "tenant-registered", "advice-issued"];
        var wrong = new SubscribeRequest { Municipality = Amsterdam, After = "AAAA", Types_ = { "case-opened", never } };
        Assert.Equal(["after", "types[1]", "types[2]", "types[3]", "types[4]"], await FieldsAsync(_client, wrong));
        var operators = new EventService.EventServiceClient(Operator(_host));
        Assert.Equal(["types[0]"], await FieldsAsync(operators, new SubscribeRequest { Types_ = { "case-opened", "tenant-registered" } }));

        async Task<IEnumerable<string>> FieldsAsync(EventService.EventServiceClient client, SubscribeRequest request)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => NextAsync(client.Subscribe(request)));
            return refused.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>().FieldViolations.Select(violation => violation.Field);
        }
    }

    [Fact]
    public async Task From_the_end_only_what_comes_is_told_and_not_together_with_a_token()
    {
        await _host.AddAsync(_tenant, "before");
        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, FromEnd = true });
        await NextAsync(call);
        Assert.Equal(1, (await NextAsync(call)).CaughtUp.Position);
        await _host.AddAsync(_tenant, "after");
        var live = await NextAsync(call, beside: Message.Heartbeat);
        Assert.Equal("after", live.Event.Subject);
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => NextAsync(_client.Subscribe(
            new SubscribeRequest { Municipality = Amsterdam, FromEnd = true, After = live.ResumeToken }))));
    }

    [Fact]
    public async Task Operators_read_every_log_also_the_platforms()
    {
        await _host.AddAsync(_tenant, "one");
        var client = new EventService.EventServiceClient(Operator(_host));
        Assert.Equal(["one"], (await client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam })).Events.Select(e => e.Subject));
        Assert.Equal([Amsterdam], (await client.ReadEventsAsync(new ReadEventsRequest())).Events.Select(e => e.Subject));
    }

    [Fact]
    public async Task Tokens_of_elsewhere_and_nonsense_are_told_apart()
    {
        await _host.AddAsync(_tenant, "one");
        var other = await _host.RegisterAsync("GM0599");
        await _host.AddAsync(other, "one");
        var (_, epoch) = _host.Notes.Feed(_tenant).Identity();
        var ours = _host.Notes.Feed(_tenant).Store;

        async Task Refused(string token, StatusCode code, ErrorReason reason)
        {
            foreach (var call in new Func<Task>[]
            {
                async () => await NextAsync(_client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, After = token })),
                () => _client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = token }).ResponseAsync,
            })
            {
                var refused = await Assert.ThrowsAsync<RpcException>(call);
                Assert.Equal((code, reason), (refused.StatusCode, BeschutWerk.Backbone.Grpc.RefusalStatus.ReasonOf(refused)));
            }
        }

        var (_, epochOfOther) = _host.Notes.Feed(other).Identity();
        await Refused(ResumeToken.After(_host.Notes.Feed(other).Store, epochOfOther, 1), StatusCode.OutOfRange, ErrorReason.TokenOfAnotherStore);
        await Refused(ResumeToken.After(ours, "0123456789ab", 1), StatusCode.OutOfRange, ErrorReason.TokenOfAnotherStore);
        await Refused(ResumeToken.After(ours, epoch, 2), StatusCode.OutOfRange, ErrorReason.TokenOfAnotherStore);
        await Refused("nonsense", StatusCode.InvalidArgument, ErrorReason.InvalidFields);
        await Refused("AAAA", StatusCode.InvalidArgument, ErrorReason.InvalidFields);
        await Refused("not base64 !", StatusCode.InvalidArgument, ErrorReason.InvalidFields);
    }

    [Fact]
    public async Task A_page_of_large_events_is_a_message_that_clients_take_and_says_that_more_follow()
    {
        const int count = 300, size = 30_000;
        await _host.Notes.TenantStores.Get(_tenant).WriteAsync(NotesHost.By("gm"), session =>
        {
            for (var i = 1; i <= count; i++) session.Raise(new Contracts.Municipalities.CaseOpened { CaseId = new string('x', size) }, $"{i}");
            return true;
        });
        var service = new EventService.EventServiceClient(As(_host, IdentityKind.Service, "insight"));
        foreach (var own in new[] { false, true })
        {
            var (sequences, pages, page) = (new List<long>(), 0, new ReadEventsResponse());
            while (!page.EndReached)
            {
                page = await service.ReadEventsAsync(own
                    ? new ReadEventsRequest { Municipality = Amsterdam, OwnOnly = true, AfterSequence = sequences.LastOrDefault(), PageSize = 1000 }
                    : new ReadEventsRequest { Municipality = Amsterdam, After = page.ResumeToken, PageSize = 1000 });
                sequences.AddRange(page.Events.Select(e => e.Sequence));
                pages++;
                Assert.InRange(page.CalculateSize(), 0, 2 * 1024 * 1024);
            }

            Assert.Equal(Enumerable.Range(1, count).Select(n => (long)n), sequences);
            Assert.InRange(pages, 9, 10);
        }

        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        for (var i = 1; i <= count; i++) Assert.Equal(i, (await NextAsync(call, beside: Message.Confirmed, or: Message.Heartbeat)).Event.Sequence);
        Assert.Equal(count, (await NextAsync(call)).CaughtUp.Position);
        await Eventually(() => _host.Seen(_tenant).Count == count, "the follower, which reads pages too, has all");
    }

    [Fact]
    public async Task Services_pull_own_events_by_sequence_and_nobody_reads_anothers_log()
    {
        for (var i = 0; i < 5; i++) await _host.AddAsync(_tenant, $"{i}");
        var service = new EventService.EventServiceClient(As(_host, IdentityKind.Service, "insight"));
        var page = await service.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, OwnOnly = true, AfterSequence = 2, PageSize = 2 });
        Assert.Equal([3L, 4], page.Events.Select(e => e.Sequence));
        Assert.Equal(_host.Notes.Feed(_tenant).Identity().Source, page.Source);
        Assert.False(page.EndReached);

        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => service.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, AfterSequence = 2 }).ResponseAsync));
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => service.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, Service = "nobody" }).ResponseAsync));
        var platform = await service.ReadEventsAsync(new ReadEventsRequest());
        Assert.Equal([Amsterdam], platform.Events.Select(e => e.Subject));

        await _host.RegisterAsync("GM0599");
        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => _client.ReadEventsAsync(new ReadEventsRequest { Municipality = "GM0599" }).ResponseAsync));
        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => NextAsync(_client.Subscribe(new SubscribeRequest { Municipality = "GM0599" }))));
        Assert.Equal(ErrorReason.InvalidFields, await RefusedAsync(() => _client.ReadEventsAsync(new ReadEventsRequest()).ResponseAsync));
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_expires_and_a_new_token_resumes_it()
    {
        await _host.AddAsync(_tenant, "one");
        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        var last = await NextAsync(call);
        while (last.MessageCase != Message.CaughtUp) last = await NextAsync(call);

        Clock.Ahead = TimeSpan.FromHours(2);
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true) last = await NextAsync(call);
        });
        Assert.Equal(StatusCode.Unauthenticated, ended.StatusCode);
        await _host.AddAsync(_tenant, "two");
        var again = new EventService.EventServiceClient(Municipality(_host, Amsterdam));
        var page = await again.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = last.ResumeToken });
        Assert.Equal(["two"], page.Events.Select(e => e.Subject));
    }

    [Fact]
    public async Task Streams_end_promptly_when_the_server_stops_and_say_so()
    {
        await _host.AddAsync(_tenant, "one");
        using var call = _client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        while ((await NextAsync(call)).MessageCase != Message.CaughtUp)
        {
        }

        var stopped = Stopwatch.StartNew();
        var stopping = _host.DisposeAsync().AsTask();
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true) await NextAsync(call);
        });
        await stopping.WaitAsync(Soon, Cancel);
        Assert.Equal((StatusCode.Unavailable, ErrorReason.ServerShuttingDown), (ended.StatusCode, BeschutWerk.Backbone.Grpc.RefusalStatus.ReasonOf(ended)));
        // Kestrel would wait thirty seconds for it.
        Assert.InRange(stopped.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    internal static async Task<SubscribeResponse> NextAsync(AsyncServerStreamingCall<SubscribeResponse> call, Message? beside = null, Message? or = null)
    {
        while (true)
        {
            Assert.True(await call.ResponseStream.MoveNext(Cancel).WaitAsync(Soon, Cancel), "The stream ended.");
            var message = call.ResponseStream.Current;
            Assert.NotEqual("", message.ResumeToken);
            if (message.MessageCase != beside && message.MessageCase != or) return message;
        }
    }
}
