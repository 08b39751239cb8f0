using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>
/// How the services of this process stand, asked whenever metrics are collected. All of it is in memory: collecting opens no
/// store and waits for nothing.
/// </summary>
/// <param name="meters">Those of this process; they end with it.</param>
public sealed class Gauges(IMeterFactory meters)
{
    private readonly Meter _meter = meters.Create(Instruments.Name);

    /// <summary>Adds a gauge with a value for each service.</summary>
    /// <param name="name">Such as <c>beschutwerk.events.behind</c>; <c>infra/otel/README.md</c> must tell of it.</param>
    /// <param name="unit">UCUM, or what is counted in braces.</param>
    /// <param name="description">What it counts.</param>
    /// <param name="values">Service and value.</param>
    public void Add(string name, string unit, string description, Func<IEnumerable<(string Service, long Value)>> values) =>
        _meter.CreateObservableGauge(name, () => values().Select(value => new Measurement<long>(value.Value, new KeyValuePair<string, object?>("service", value.Service))), unit, description);

    internal void AddStores(ServiceRuntimes services)
    {
        Each("beschutwerk.store.queue", "{operation}", "Writes that wait.", service => service.QueueDepth);
        Each("beschutwerk.store.open", "{store}", "Stores that are open.", service => service.OpenStores);
        Each("beschutwerk.store.quarantined", "{store}", "Stores out of service.", service => service.Quarantined.Count);
        Each("beschutwerk.disk.free", "By", "Free space of the disk that holds the stores.", service => new DriveInfo(service.Folder).AvailableFreeSpace);
        Each("beschutwerk.tenants", "{municipality}", "Municipalities known.", service => service.Tenants.Count);
        Each("beschutwerk.events.parked", "{event}", "Events parked now.", service => service.ParkedEvents);
        Each("beschutwerk.events.behind", "{source}", "Sources with events that wait to be applied.", service => service.Inboxes.Sum(inbox => (long)inbox.Behind));
        Each("beschutwerk.events.behind.oldest", "s", "How long the source that is held back longest is held back.", service =>
            SecondsSince(service, service.Inboxes.SelectMany(inbox => inbox.BehindSources).Min(behind => behind.Why?.Since)));

        void Each(string name, string unit, string description, Func<ServiceRuntime, long> value) =>
            Add(name, unit, description, () => services.All.Select(service => (service.Name, value(service))));
    }

    /// <summary>Without a broker they have no values.</summary>
    internal void AddBroker(ServiceRuntimes services, EventTransport transport)
    {
        Each("beschutwerk.broker.reachable", "{broker}", "1 while the broker takes events, else 0.", (_, broker) => broker.Fault.Length == 0 ? 1 : 0);
        Each("beschutwerk.events.waiting", "{event}", "Own events that the broker has not confirmed.", (_, broker) => broker.Waiting);
        Each("beschutwerk.events.waiting.oldest", "s", "Age of the oldest event that the broker has not confirmed.", (service, broker) => SecondsSince(service, broker.WaitingSince));

        void Each(string name, string unit, string description, Func<ServiceRuntime, BrokerState, long> value) => Add(name, unit, description, () =>
            services.All.SelectMany(service => transport.Broker(service.Name) is { } broker ? new[] { (service.Name, value(service, broker)) } : []));
    }

    internal void AddFeed(Subscriptions subscriptions)
    {
        Add("beschutwerk.feed.subscriptions", "{subscription}", "Live subscriptions.", () => subscriptions.ByService.Select(feed => (feed.Service, (long)feed.Count)));
        Add("beschutwerk.feed.lag", "{event}", "Events that the slowest subscriber has not been sent.", () => subscriptions.ByService.Select(feed => (feed.Service, feed.Lag)));
    }

    /// <summary>Processes of one service have neighbours; without any there are no values.</summary>
    internal void AddNeighbours(Neighbours? neighbours) => _meter.CreateObservableGauge(
        "beschutwerk.neighbour.reachable", () => (neighbours?.All ?? []).Select(neighbour => new Measurement<long>(
            neighbour.IsReachable ? 1 : 0, new("service", neighbours!.Process), new KeyValuePair<string, object?>("neighbour", neighbour.Name))),
        "{service}", "1 while another service answers, else 0.");

    private static long SecondsSince(ServiceRuntime service, DateTimeOffset? time) =>
        time is { } since ? Math.Max(0, (long)(service.Clock.GetUtcNow() - since).TotalSeconds) : 0;
}
