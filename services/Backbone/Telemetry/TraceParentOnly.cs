using System.Diagnostics;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>
/// Takes the <c>traceparent</c> of a call and nothing else of its trace context. <c>tracestate</c> and <c>baggage</c> hold whatever the
/// tracing of a caller puts there; stored and exported they could carry a person's data to people who may not see it.
/// </summary>
internal sealed class TraceParentOnly : DistributedContextPropagator
{
    private const string TraceParent = "traceparent";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields { get; } = [TraceParent];

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id }) setter?.Invoke(carrier, TraceParent, id);
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        (traceId, traceState) = (null, null);
        getter?.Invoke(carrier, TraceParent, out traceId, out _);
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
