using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.BackboneTests;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.TelemetryTests;

/// <summary>Gauges tell what there is now, also after a restart, and ask nothing of the stores for it.</summary>
public sealed class GaugeTests : NotesTest
{
    [Fact]
    public async Task Parked_events_are_counted_as_they_come_and_go_and_after_a_restart()
    {
        var host = await StartAsync(Failing);
        var tenant = await host.RegisterAsync(Amsterdam);
        foreach (var text in new[] { "bad", "bad", "good" }) await host.AddAsync(tenant, text);
        await Eventually(() => Value(host, "beschutwerk.events.parked", "readers") == 2, "both are parked");
        Assert.Equal(0, Value(host, "beschutwerk.events.parked", "municipalities"));
        await host.DisposeAsync();

        host = await StartAsync(Failing);
        await Eventually(() => Value(host, "beschutwerk.events.parked", "readers") == 2, "they are still parked");
        await host.DisposeAsync();

        host = await StartAsync(options => options with { Readers = NotesOptions.JustSee });
        await Eventually(() => Value(host, "beschutwerk.events.parked", "readers") == 2, "they wait for an operator");
        Assert.Equal(2, await host.Readers.TenantInbox.RequeueAsync(tenant, host.Readers.TenantInbox.ListParked(tenant)[0], _ => { }, Cancel));
        Assert.Equal(0, Value(host, "beschutwerk.events.parked", "readers"));

        static NotesOptions Failing(NotesOptions options) => options with
        {
            Readers = service => service.Tenant.On<CaseOpened>("municipalities", (opened, _, _) =>
            {
                if (opened.CaseId == "bad") throw new FormatException("It is bad.");
            }),
        };
    }

    [Fact]
    public async Task A_source_that_is_held_back_tells_for_how_long()
    {
        var clock = new FastClock();
        var host = await StartAsync(options => options with
        {
            Clock = clock,
            Readers = service => service.Tenant.On<CaseOpened, bool>("municipalities",
                (_, _, _) => throw new global::Grpc.Core.RpcException(new global::Grpc.Core.Status(global::Grpc.Core.StatusCode.Unavailable, "not now")), (_, _, _, _) => { }),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        Assert.Equal(0, Value(host, "beschutwerk.events.behind.oldest", "readers"));
        await host.AddAsync(tenant, "note");
        await Eventually(() => Value(host, "beschutwerk.events.behind.oldest", "readers") > 0, "it is held back");
        Assert.Equal(1, Value(host, "beschutwerk.events.behind", "readers"));
    }

    [Fact]
    public async Task Collecting_opens_no_store()
    {
        var host = await StartAsync(options => options with { Limits = settings => settings with { MostOpen = 2 } });
        for (var i = 0; i < 12; i++) await host.AddAsync(await host.RegisterAsync($"GM{i:D4}"), "note");
        await Eventually(() => host.Readers.TenantInbox.Behind == 0, "all is applied");
        var open = host.Notes.OpenStores;
        Assert.True(open < 12, $"{open} stores are open");
        foreach (var name in MetricTable.Own.Where(row => row.Kind == "gauge").Select(row => row.Metric)) Values(host, name);
        Assert.Equal(open, host.Notes.OpenStores);
        Assert.Equal(open, Value(host, "beschutwerk.store.open", "municipalities"));
        Assert.Equal(12, Value(host, "beschutwerk.tenants", "municipalities"));
        Assert.True(Value(host, "beschutwerk.disk.free", "municipalities") > 0);
    }

    [Fact]
    public async Task The_lag_is_that_of_the_slowest_subscriber()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "before");
        var subscriptions = host.Services.GetRequiredService<Subscriptions>();
        using (var slow = subscriptions.Begin(host.Notes.Feed(tenant), 1))
        {
            using var fast = subscriptions.Begin(host.Notes.Feed(tenant), 1);
            for (var i = 0; i < 3; i++) await host.AddAsync(tenant, "note");
            (slow.Position, fast.Position) = (2, 4);
            Assert.Equal(2, Value(host, "beschutwerk.feed.subscriptions", "municipalities"));
            Assert.Equal(2, Value(host, "beschutwerk.feed.lag", "municipalities"));
            slow.Position = 4;
            Assert.Equal(0, Value(host, "beschutwerk.feed.lag", "municipalities"));
        }

        Assert.Empty(Values(host, "beschutwerk.feed.subscriptions"));
    }

    /// <summary>What a gauge of this host says of a service now; 0 when it says nothing.</summary>
    internal static long Value(NotesHost host, string gauge, string service) => Values(host, gauge).GetValueOrDefault(service);

    private static Dictionary<string, long> Values(NotesHost host, string gauge)
    {
        var values = new Dictionary<string, long>();
        using var listener = new MeterListener();
        // Other hosts of this process have instruments of the same names.
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name == gauge && instrument.Meter.Scope == host.Services.GetRequiredService<IMeterFactory>()) listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => values[(string)tags.ToArray().Single(tag => tag.Key == "service").Value!] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }
}
