using System.Diagnostics;
using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>
/// What is counted and timed where it happens; what is asked when metrics are collected stands in <see cref="Gauges"/>.
/// <c>infra/otel/README.md</c> tells operators of each. Tags name services, methods and reasons; never a person or a payload.
/// </summary>
public static class Instruments
{
    /// <summary>Name of the activity source and the meter.</summary>
    public const string Name = ReachedLimits.MeterName;

    /// <summary>What begins the platform's own spans; who exports traces listens to it.</summary>
    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = ReachedLimits.Meter;

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram(
        "beschutwerk.store.batch", "{operation}", "Operations in one commit.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    // OpenTelemetry's own buckets begin at 5 s.
    private static readonly Histogram<double> CommitTime = Meter.CreateHistogram(
        "beschutwerk.store.commit.duration", "s", "Time of one commit, its operations included.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });

    private static readonly Counter<long> RaisedEvents = Meter.CreateCounter<long>("beschutwerk.events.raised", "{event}", "Own events committed.");

    private static readonly Counter<long> AppliedEvents = Meter.CreateCounter<long>("beschutwerk.events.applied", "{event}", "Events of other stores applied.");

    private static readonly Counter<long> FailedEvents = Meter.CreateCounter<long>("beschutwerk.events.failed", "{event}", "Events parked because they failed for good; those parked behind them are not counted.");

    private static readonly Counter<long> DeliveredEvents = Meter.CreateCounter<long>("beschutwerk.feed.delivered", "{event}", "Events sent to subscribers.");

    private static readonly Counter<long> RefusedCalls = Meter.CreateCounter<long>("beschutwerk.calls.refused", "{call}", "Calls that ended with a refusal or an error.");

    internal static void Raised(string service, long events) => RaisedEvents.Add(events, Of(service));

    internal static void Applied(string service, int events) => AppliedEvents.Add(events, Of(service));

    internal static void Failed(string service, string reason) => FailedEvents.Add(1, Of(service), new KeyValuePair<string, object?>("reason", reason));

    internal static void Delivered(string service, int events) => DeliveredEvents.Add(events, Of(service));

    /// <summary>A call was refused.</summary>
    /// <param name="method">Full name, such as <c>/beschutwerk.uwv.v1.AdviceService/RequestAdvice</c>; <c>backbone</c> for what all services offer.</param>
    /// <param name="reason">Why.</param>
    internal static void Refused(string method, ErrorReason reason) =>
        RefusedCalls.Add(1, Of(method.Split('.') is [_, var service, ..] ? service : ""), new("method", method), new("reason", RefusalStatus.NameOf(reason)));

    internal static CommitScope Commit<TStore>(StoreName store, List<Operation<TStore>> batch) where TStore : StoreContext
    {
        BatchSize.Record(batch.Count, Of(store.Service));
        return new CommitScope(Spans.Commit(store, batch), store.Service, Stopwatch.GetTimestamp());
    }

    private static KeyValuePair<string, object?> Of(string service) => new("service", service);

    internal readonly record struct CommitScope(Activity? Span, string Service, long Started) : IDisposable
    {
        public void Dispose()
        {
            CommitTime.Record(Stopwatch.GetElapsedTime(Started).TotalSeconds, Of(Service));
            Span?.Dispose();
        }
    }
}
