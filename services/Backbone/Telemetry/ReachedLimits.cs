using System.Diagnostics.Metrics;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>
/// Counts what was refused because a limit was reached. The token server is compiled with this file too, so that operators see one metric.
/// </summary>
internal static class ReachedLimits
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "BeschutWerk.Backbone";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Reached = Meter.CreateCounter<long>(
        "beschutwerk.limits.reached", "{refusal}", "Calls, connections and tokens refused because a limit was reached.");

    /// <summary>One more was refused.</summary>
    /// <param name="limit">The setting that says how much is allowed.</param>
    internal static void Count(string limit) => Reached.Add(1, new KeyValuePair<string, object?>("limit", limit));
}
