using System.Diagnostics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Events;

/// <summary>
/// The platform's own spans. All stand below the call or reaction that caused the event, whose trace is stored with it: so
/// they find their place also in another process and after a restart. Names, ids and municipalities; never a payload.
/// </summary>
public static class Spans
{
    /// <summary>An event is handed to the broker; ends with its confirmation.</summary>
    public static Activity? Publish(string service, CloudEvent published) => Begin("publish", ActivityKind.Producer, service, published);

    /// <summary>A service applies an event. What its reactions raise stands below this span.</summary>
    public static Activity? Apply(string service, CloudEvent received) => Begin("apply", ActivityKind.Consumer, service, received);

    /// <summary>
    /// A service prepares an event's reactions. It is the current activity, so that what they ask of other services continues
    /// the trace; also when nobody records it, for the events of those services carry it too.
    /// </summary>
    public static Activity Prepare(string service, CloudEvent received)
    {
        if (Begin("prepare", ActivityKind.Consumer, service, received) is { } recorded) return recorded;
        var activity = new Activity("prepare");
        return (received.Traceparent.Length > 0 ? activity.SetParentId(received.Traceparent) : activity).Start();
    }

    /// <summary>An event goes to a live subscriber, and ends when there is room for the next; or to a webhook, and ends with its answer.</summary>
    public static Activity? Deliver(string service, string subscriber, CloudEvent delivered) =>
        Begin("deliver", ActivityKind.Producer, service, delivered)?.SetTag("beschutwerk.subscriber", subscriber);

    /// <summary>
    /// For what no call asked for, such as reading another service's log: unrecorded, or every look at every source would be a
    /// trace. Null inside a call.
    /// </summary>
    public static Activity? Background() => Activity.Current is null ? new Activity("background").Start() : null;

    private static Activity? Begin(string what, ActivityKind kind, string service, CloudEvent about)
    {
        var cause = new TraceCause(about.Traceparent);
        // An event of a call that nobody records must not begin a trace of its own.
        if (!Instruments.Source.HasListeners() || !cause.IsRecorded) return null;
        return Instruments.Source.StartActivity($"{what} {EventTypes.NameOf(about.Type) ?? about.Type}", kind, cause.ToContext())
            ?.SetTag("beschutwerk.service", service).SetTag("beschutwerk.event", about.Id)
            .SetTag("beschutwerk.origin", about.Gemeentecode.Length > 0 ? about.Gemeentecode : "platform");
    }
}
