using System.Diagnostics;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// What an operation needs to know of the call that it belongs to. Captured when it is queued: by the time it runs, the
/// ambient context is that of whoever drains the queue.
/// </summary>
/// <param name="Caller">Who acts.</param>
/// <param name="Cause">Trace context of the call.</param>
/// <param name="Deadline">When nobody waits for the answer any more (UTC).</param>
/// <param name="Cancel">Cancelled when the caller went away.</param>
/// <param name="IsHeard">It only applies what stands in the log of another store, and would be read there again.</param>
/// <param name="OtherCauses">Trace contexts of what else it does at once, such as the events behind the first one.</param>
public readonly record struct WriteInfo(
    Caller Caller, TraceCause Cause, DateTime Deadline, CancellationToken Cancel, bool IsHeard = false, IEnumerable<TraceCause>? OtherCauses = null)
{
    /// <summary>Trace contexts of all that it does.</summary>
    public IEnumerable<TraceCause> Causes => [Cause, .. OtherCauses ?? []];

    /// <summary>The current call's.</summary>
    public static WriteInfo Capture(Caller caller, DateTime? deadline = null, CancellationToken cancel = default) =>
        new(caller, TraceCause.Current, deadline ?? DateTime.MaxValue, cancel);
}

/// <summary>W3C trace context as text; without what the tracing of a caller adds to it, which goes no further than the call.</summary>
/// <param name="Parent">The traceparent; null when nothing is traced.</param>
public readonly record struct TraceCause(string? Parent)
{
    /// <summary>That of the running activity.</summary>
    public static TraceCause Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity
        ? new TraceCause(activity.Id)
        : default;

    /// <summary>Whether whoever began the trace records it: the lowest of the W3C flags, of which there are two.</summary>
    public bool IsRecorded => Parent is { Length: 55 } && Parent[^1] is '1' or '3';

    /// <summary>As a parent for an activity.</summary>
    public ActivityContext ToContext() =>
        Parent is not null && ActivityContext.TryParse(Parent, null, isRemote: true, out var context) ? context : default;
}
