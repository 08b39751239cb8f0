using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BeschutWerk.Backbone.Store;

/// <summary>The name under which the platform's own spans and metrics are exported. <c>infra/otel/README.md</c> tells operators of each.</summary>
public static class Instruments
{
    /// <summary>Name of the activity source and of every meter.</summary>
    public const string Name = "BeschutWerk.Backbone";

    /// <summary>What begins the platform's own spans; who exports traces listens to it.</summary>
    public static readonly ActivitySource Source = new(Name);
}

/// <summary>What is counted and timed at a commit. Tags name services; never a person or a payload.</summary>
internal static class CommitInstruments
{
    private static readonly Meter Meter = new(Instruments.Name);

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram(
        "beschutwerk.store.batch", "{operation}", "Operations in one commit.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    // OpenTelemetry's own buckets begin at 5 s.
    private static readonly Histogram<double> CommitTime = Meter.CreateHistogram(
        "beschutwerk.store.commit.duration", "s", "Time of one commit, its operations included.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });

    private static readonly Counter<long> RaisedEvents = Meter.CreateCounter<long>("beschutwerk.events.raised", "{event}", "Own events committed.");

    public static void Raised(string service, long events) => RaisedEvents.Add(events, Of(service));

    /// <summary>Times a commit until it is disposed, and traces it.</summary>
    public static CommitScope Commit<TStore>(StoreName store, List<Operation<TStore>> batch) where TStore : StoreContext
    {
        BatchSize.Record(batch.Count, Of(store.Service));
        return new CommitScope(Span(store, batch), store.Service, Stopwatch.GetTimestamp());
    }

    /// <summary>Below the first call or event of the commit that somebody records, linked to the others.</summary>
    private static Activity? Span<TStore>(StoreName store, List<Operation<TStore>> batch) where TStore : StoreContext
    {
        if (!Instruments.Source.HasListeners()) return null;
        // A commit that nobody's recorded call waits for would be a trace of its own about nothing.
        var causes = batch.SelectMany(operation => operation.Info.Causes).Where(cause => cause.IsRecorded).Distinct().Select(cause => cause.ToContext()).ToList();
        if (causes.Count == 0) return null;
        return Instruments.Source.StartActivity("store commit", ActivityKind.Internal, causes[0], links: causes.Skip(1).Select(context => new ActivityLink(context)))
            ?.SetTag("beschutwerk.service", store.Service).SetTag("beschutwerk.origin", store.Origin).SetTag("beschutwerk.operations", batch.Count);
    }

    private static KeyValuePair<string, object?> Of(string service) => new("service", service);

    public readonly record struct CommitScope(Activity? Activity, string Service, long Started) : IDisposable
    {
        public void Dispose()
        {
            CommitTime.Record(Stopwatch.GetElapsedTime(Started).TotalSeconds, Of(Service));
            Activity?.Dispose();
        }
    }
}
