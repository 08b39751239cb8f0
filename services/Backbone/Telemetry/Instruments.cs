using System.Diagnostics;
using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>The platform's own spans and metrics. Names, sizes and municipalities; never a payload.</summary>
public static class Instruments
{
    /// <summary>Name of the activity source and the meter.</summary>
    public const string Name = "BeschutWerk.Backbone";

    /// <summary>Spans of commits, deliveries and reactions.</summary>
    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Operations in one commit.</summary>
    public static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("beschutwerk.store.batch", "{operation}", "Operations in one commit.");

    /// <summary>Time of one commit, its operations included.</summary>
    public static readonly Histogram<double> CommitTime = Meter.CreateHistogram<double>("beschutwerk.store.commit.duration", "s", "Time of one commit, its operations included.");

    /// <summary>Events applied by consumers.</summary>
    public static readonly Counter<long> Applied = Meter.CreateCounter<long>("beschutwerk.events.applied", "{event}", "Events applied.");

    /// <summary>Events parked by consumers.</summary>
    public static readonly Counter<long> Parked = Meter.CreateCounter<long>("beschutwerk.events.parked", "{event}", "Events parked.");

    /// <summary>Calls refused, by reason.</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("beschutwerk.calls.refused", "{call}", "Calls refused, by reason.");

    /// <summary>Live subscriptions.</summary>
    public static readonly UpDownCounter<int> Subscriptions = Meter.CreateUpDownCounter<int>("beschutwerk.feed.subscriptions", "{subscription}", "Live subscriptions.");

    /// <summary>A gauge that is asked when metrics are collected.</summary>
    public static void Observe(string name, string unit, string description, Func<long> value, string service) =>
        Meter.CreateObservableGauge(name, () => new Measurement<long>(value(), new KeyValuePair<string, object?>("service", service)), unit, description);

    internal static CommitScope Commit<TStore>(StoreName store, List<Operation<TStore>> batch) where TStore : StoreContext
    {
        BatchSize.Record(batch.Count, new KeyValuePair<string, object?>("service", store.Service));
        Activity? span = null;
        if (Source.HasListeners())
        {
            // One span for the commit, linked to every call in it; its parent is the first.
            var causes = batch.Select(operation => operation.Info.Cause.ToContext()).Where(context => context != default).ToList();
            span = Source.StartActivity("store commit", ActivityKind.Internal, causes.FirstOrDefault(), links: causes.Skip(1).Select(context => new ActivityLink(context)));
            span?.SetTag("beschutwerk.service", store.Service).SetTag("beschutwerk.origin", store.Origin).SetTag("beschutwerk.operations", batch.Count);
        }

        return new CommitScope(span, store.Service, Stopwatch.GetTimestamp());
    }

    internal readonly record struct CommitScope(Activity? Span, string Service, long Started) : IDisposable
    {
        public void Dispose()
        {
            CommitTime.Record(Stopwatch.GetElapsedTime(Started).TotalSeconds, new KeyValuePair<string, object?>("service", Service));
            Span?.Dispose();
        }
    }
}
