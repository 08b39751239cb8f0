using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>What operators can measure of webhooks. No URL, no event.</summary>
static class WebhookInstruments
{
    private const string Service = "municipalities";

    private static readonly Meter Meter = new(Instruments.Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "beschutwerk.webhooks.attempt.duration", "s", "Time of one request to a receiver.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

    // With it the metric is made at the first call of this class; without it, as late as the first request.
    static WebhookInstruments()
    {
    }

    /// <summary>A request ended.</summary>
    public static void Attempted(DeliveryFailure failure, TimeSpan took) =>
        Duration.Record(took.TotalSeconds, new("service", Service), new KeyValuePair<string, object?>("outcome", failure == DeliveryFailure.Unspecified ? "Delivered" : failure.ToString()));

    /// <summary>Gauges of where the webhooks of this process stand.</summary>
    public static void Observe(Gauges gauges, Func<WebhookStanding, long> count)
    {
        gauges.Add("beschutwerk.webhooks.retrying", "{webhook}", "Webhooks whose next event failed and is tried again.", () => [(Service, count(WebhookStanding.Retrying))]);
        gauges.Add("beschutwerk.webhooks.paused", "{webhook}", "Webhooks paused because their receiver failed for a day or is gone.", () => [(Service, count(WebhookStanding.Failed))]);
    }
}

/// <summary>Where a webhook stands, for operators.</summary>
enum WebhookStanding
{
    /// <summary>It delivers, waits for events, or was paused on request.</summary>
    Well,

    /// <summary>Its next event failed and is tried again.</summary>
    Retrying,

    /// <summary>It is paused because its receiver failed.</summary>
    Failed,
}
