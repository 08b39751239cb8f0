using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Events;

/// <summary>What is counted where events are applied, parked or sent. Tags name services and reasons; never a payload.</summary>
internal static class EventInstruments
{
    private static readonly Meter Meter = new(Instruments.Name);

    private static readonly Counter<long> AppliedEvents = Meter.CreateCounter<long>("beschutwerk.events.applied", "{event}", "Events of other stores applied.");

    private static readonly Counter<long> FailedEvents = Meter.CreateCounter<long>("beschutwerk.events.failed", "{event}", "Events parked because they failed for good; those parked behind them are not counted.");

    private static readonly Counter<long> DeliveredEvents = Meter.CreateCounter<long>("beschutwerk.feed.delivered", "{event}", "Events sent to subscribers.");

    public static void Applied(string service, int events) => AppliedEvents.Add(events, Of(service));

    public static void Failed(string service, string reason) => FailedEvents.Add(1, Of(service), new KeyValuePair<string, object?>("reason", reason));

    public static void Delivered(string service, int events) => DeliveredEvents.Add(events, Of(service));

    private static KeyValuePair<string, object?> Of(string service) => new("service", service);
}
