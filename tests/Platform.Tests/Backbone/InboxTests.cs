using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A consumer applies every event of a source once and in order, whenever it comes and whatever is lost on the way.</summary>
public sealed class InboxTests : NotesTest
{
    [Fact]
    public void What_arrives_while_a_log_is_read_is_settled_by_who_takes_it_next()
    {
        var follower = new Follower(new SourceKey("municipalities", TenantId.Parse(Amsterdam)));
        var taken = follower.TakeArrived();
        follower.Arrive(new Arrival(new CloudEvent(), () => { }));
        Assert.Empty(taken);
        Assert.Single(follower.TakeArrived());
        Assert.Empty(follower.TakeArrived());
    }

    [Fact]
    public async Task Events_are_applied_once_and_in_order_also_across_a_restart()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => host.AddAsync(tenant, $"note {i}")));
        await SeenAsync(host, tenant, 200);
        await host.DisposeAsync();

        host = await StartAsync();
        await host.AddAsync(tenant, "one more");
        await SeenAsync(host, tenant, 201);
    }

    [Fact]
    public async Task A_consumer_that_starts_later_reads_everything_from_the_first_event()
    {
        var host = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await host.RegisterAsync(Amsterdam);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => host.AddAsync(tenant, $"note {i}")));
        Assert.Empty(host.Seen(tenant));
        await host.DisposeAsync();

        host = await StartAsync(options => options with { Readers = NotesOptions.JustSee });
        await SeenAsync(host, tenant, 1000);
    }

    [Fact]
    public async Task An_event_of_a_municipality_that_is_not_known_yet_waits_and_spoils_nothing()
    {
        var host = await StartAsync();
        var codes = Enumerable.Range(1, 60).Select(i => $"GM{i:0000}").ToList();
        // Registration and first event race to the follower through different sources.
        await Task.WhenAll(codes.Select(async code => await host.AddAsync(await host.RegisterAsync(code), "first")));
        foreach (var code in codes) await SeenAsync(host, TenantId.Parse(code), 1);
        Assert.Empty(host.Readers.Quarantined);
    }

    [Fact]
    public async Task Following_makes_no_store_for_a_municipality_of_which_nothing_was_told()
    {
        var host = await StartAsync();
        await host.RegisterAsync(Amsterdam);
        await Eventually(() => host.Readers.Tenants.Count == 1, "the follower knows the municipality");
        var other = await host.RegisterAsync("GM0599");
        await host.AddAsync(other, "note");
        await SeenAsync(host, other, 1);
        Assert.False(File.Exists(Path.Combine(Folder, "readers", Amsterdam + ".db")));
    }

    [Fact]
    public async Task What_the_transport_loses_doubles_or_swaps_is_read_again_from_the_log()
    {
        var earlier = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await earlier.RegisterAsync(Amsterdam);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => earlier.AddAsync(tenant, $"note {i}")));
        await earlier.DisposeAsync();

        var careless = new ConcurrentBag<CarelessTransport>();
        var host = await StartAsync(options => options with
        {
            Readers = NotesOptions.JustSee,
            Adjust = builder => builder.Services.AddSingleton<EventTransport>(services =>
            {
                var transport = new CarelessTransport(services);
                careless.Add(transport);
                return transport;
            }),
        });
        await SeenAsync(host, tenant, 300);
        Assert.Equal(CarelessTransport.MostMistakes, careless.Single().Mistakes);
    }

    [Fact]
    public async Task Received_events_stand_in_the_own_log_where_the_service_keeps_them()
    {
        var host = await StartAsync(options => options with
        {
            Readers = service =>
            {
                service.KeepReceived = true;
                service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
                    session.Raise(new CaseDetermined { CaseId = received.Position.ToString() }, received.Subject));
            },
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "note");
        var feed = host.Readers.Feed(tenant);
        await Eventually(() => feed.Exists && feed.Head() == 2, "both events stand in the follower's log");

        var log = feed.ReadAfter(0, 10);
        Assert.Equal(host.Log(tenant)[0].Event, log[0].Event);
        var raised = log[1].Event;
        Assert.Equal((1, "service:readers", "note"), (raised.Sequence, raised.Actor, raised.Subject));
        Assert.Equal("1", CaseDetermined.Parser.ParseFrom(raised.Data.Value).CaseId);
        Assert.Equal([raised], feed.ReadOwnAfter(0, 10).Select(logged => logged.Event));
    }

    [Fact]
    public async Task Of_events_that_are_applied_together_each_sees_those_before_keeps_its_own_trace_and_fails_alone()
    {
        var host = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await host.RegisterAsync(Amsterdam);
        for (var i = 0; i < 20; i++)
        {
            using var cause = new Activity("the caller").Start();
            await host.AddAsync(tenant, $"note {i}");
        }

        await host.DisposeAsync();
        var starts = 0;
        host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
            {
                starts++;
                session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = $"{session.Store.Seen.Count()}" });
                session.Raise(new CaseDetermined(), received.Subject);
                if (received.Subject == "note 7") throw new InvalidCastException("once together, once alone");
            }),
        });
        await Eventually(() => host.Seen(tenant).Count == 19, "the others are applied");

        Assert.Equal(Enumerable.Range(0, 20).Where(i => i != 7).Select((i, before) => ($"note {i}", $"{before}")), host.Seen(tenant).Select(seen => (seen.Subject, seen.Prepared!)));
        Assert.Equal("note 7", Assert.Single(host.Readers.TenantInbox.ListParked(tenant)).Event.Subject);
        // Eight together, those eight one by one, the twelve behind them together.
        Assert.Equal(28, starts);
        string[] Traces(IEnumerable<LoggedEvent> log) => [.. log.Where(logged => logged.Event.Subject != "note 7").Select(logged => logged.Event.Traceparent.Split('-')[1])];
        Assert.Equal(Traces(host.Log(tenant)), Traces(host.Readers.Feed(tenant).ReadOwnAfter(0, 100)));
        Assert.Distinct(Traces(host.Log(tenant)));
    }

    [Fact]
    public async Task The_commit_of_events_that_are_applied_together_is_found_from_each_trace_that_somebody_records()
    {
        var commits = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Instruments.Source.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.OperationName == "store commit") commits.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);

        var host = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await host.RegisterAsync(Amsterdam);
        var traces = new List<ActivityTraceId>();
        foreach (var flags in new[] { ActivityTraceFlags.None, ActivityTraceFlags.Recorded, ActivityTraceFlags.Recorded })
        {
            using var cause = new Activity("the caller") { ActivityTraceFlags = flags }.Start();
            await host.AddAsync(tenant, "note");
            traces.Add(cause.TraceId);
        }

        await host.DisposeAsync();
        commits.Clear();
        host = await StartAsync(options => options with { Readers = NotesOptions.JustSee });
        await SeenAsync(host, tenant, 3);
        await Eventually(() => commits.Any(span => traces.Contains(span.TraceId)), "the commit is told");
        var commit = Assert.Single(commits, span => traces.Contains(span.TraceId));
        Assert.Equal(traces[1], commit.TraceId);
        Assert.Equal(traces[2], Assert.Single(commit.Links).Context.TraceId);
    }

    [Fact]
    public async Task What_a_reaction_prepares_sees_what_the_events_before_left()
    {
        var host = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await host.RegisterAsync(Amsterdam);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => host.AddAsync(tenant, $"note {i}")));
        await host.DisposeAsync();

        host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened, int>("municipalities",
                (_, _, scope) => scope.ReadAsync(session => session.Store.Seen.Count()),
                (_, before, received, session) => session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = $"{before}" })),
        });
        await SeenAsync(host, tenant, 20);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), host.Seen(tenant).Select(seen => seen.Prepared));
    }

    [Fact]
    public async Task A_call_can_catch_up_with_another_service_before_its_own_transaction()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "first");
        await SeenAsync(host, tenant, 1);
        for (var i = 2; i < 50; i++)
        {
            await host.AddAsync(tenant, $"note {i}");
            await host.Readers.TenantInbox.CatchUpAsync(new SourceKey("municipalities", tenant), Cancel);
            Assert.Equal(i, host.Seen(tenant).Count);
        }
    }

    [Fact]
    public async Task Who_waits_until_all_is_caught_up_finds_everything_that_was_told_before()
    {
        var host = await StartAsync();
        var tenants = new List<TenantId>();
        for (var i = 1; i <= 5; i++) tenants.Add(await host.RegisterAsync($"GM{i:0000}"));
        for (var round = 1; round <= 10; round++)
        {
            await Task.WhenAll(tenants.Select(tenant => host.AddAsync(tenant, $"note {round}")));
            await host.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(Cancel);
            Assert.All(tenants, tenant => Assert.Equal(round, host.Seen(tenant).Count));
        }
    }

    /// <summary>Loses, doubles and swaps events of municipalities' stores at its first reads.</summary>
    private sealed class CarelessTransport(IServiceProvider services) : EventTransport
    {
        public const int MostMistakes = 5;

        private readonly EmbeddedTransport _sound = new(services);
        private int _mistakes;

        public int Mistakes => _mistakes;

        public override void Committed(StoreName store) => _sound.Committed(store);

        public override async Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel)
        {
            var page = await _sound.ReadAsync(source, after, most, cancel);
            if (source.Origin is null || page.Events.Count < 2 || _mistakes == MostMistakes) return page;
            return page with
            {
                Events = (_mistakes++ % 3) switch
                {
                    0 => [.. page.Events.Skip(1)],
                    1 => [.. page.Events, .. page.Events],
                    _ => [.. page.Events.Reverse()],
                },
            };
        }
    }
}
