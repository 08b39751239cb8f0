using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Flows;

/// <summary>A call and what came of it.</summary>
/// <param name="TraceId">Its trace; empty when its events carry none.</param>
/// <param name="Actor">Who called: <c>&lt;kind&gt;:&lt;id&gt;</c>.</param>
/// <param name="At">When its first event was logged.</param>
/// <param name="Raised">Events that the call raised itself, in causal order.</param>
internal sealed record FlowCall(string TraceId, string Actor, DateTimeOffset At, IReadOnlyList<FlowStep> Raised);

/// <summary>An event and what other services raised because of it.</summary>
/// <param name="Event">The event.</param>
/// <param name="Places">Where it stands, its producer first.</param>
/// <param name="Then">Events of the same trace that a service raised after it had received this one.</param>
internal sealed record FlowStep(CloudEvent Event, IReadOnlyList<FlowPlace> Places, IReadOnlyList<FlowStep> Then);

/// <summary>The order of a flow as a tree: by call, and below an event what reactions to it raised.</summary>
internal static class FlowTree
{
    /// <param name="events">In causal order, as GetFlow gives them.</param>
    public static IReadOnlyList<FlowCall> Of(IReadOnlyList<FlowEvent> events) =>
    [
        .. events.Where(flow => TraceOf(flow).Length > 0).GroupBy(TraceOf).Select(call => CallOf([.. call]))
            .Concat(events.Where(flow => TraceOf(flow).Length == 0).Select(flow => CallOf([flow])))
            .OrderBy(call => IndexOf(events, call.Raised[0].Event)),
    ];

    private static FlowCall CallOf(IReadOnlyList<FlowEvent> events)
    {
        var below = events.ToDictionary(flow => flow, _ => new List<FlowEvent>());
        var first = new List<FlowEvent>();
        for (var i = 0; i < events.Count; i++) (CauseOf(events, i) is { } cause ? below[cause] : first).Add(events[i]);
        return new FlowCall(TraceOf(events[0]), events[0].Event.Actor, events[0].Event.Time.ToDateTimeOffset(), [.. first.Select(Step)]);

        FlowStep Step(FlowEvent flow) => new(flow.Event, [.. flow.Places.OrderByDescending(place => place.Store == EventSource.StoreOf(flow.Event))], [.. below[flow].Select(Step)]);
    }

    /// <summary>
    /// The last event of the call that the raising store had received before: a reaction stands behind its cause in the
    /// reacting store's log. What a call raises by itself has received nothing of its own trace.
    /// </summary>
    private static FlowEvent? CauseOf(IReadOnlyList<FlowEvent> events, int index)
    {
        var store = EventSource.StoreOf(events[index].Event);
        var position = PositionIn(events[index], store);
        return events.Take(index).LastOrDefault(before => EventSource.StoreOf(before.Event) != store && PositionIn(before, store) is { } received && received < position);
    }

    private static long? PositionIn(FlowEvent flow, string store) => flow.Places.FirstOrDefault(place => place.Store == store && place.Position > 0)?.Position;

    /// <summary>Of a W3C traceparent: <c>00-&lt;trace&gt;-&lt;span&gt;-&lt;flags&gt;</c>.</summary>
    private static string TraceOf(FlowEvent flow) => flow.Event.Traceparent.Split('-') is [_, var trace, ..] ? trace : "";

    private static int IndexOf(IReadOnlyList<FlowEvent> events, CloudEvent sought) => events.TakeWhile(flow => flow.Event != sought).Count();
}
