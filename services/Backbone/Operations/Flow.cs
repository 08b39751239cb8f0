using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Operations;

/// <summary>The events of a trace or about something, from many logs: which belong together, and in which order they came about.</summary>
internal static class Flow
{
    /// <summary>Whether an event is of the trace, or about or naming one of the ids.</summary>
    public static bool Concerns(CloudEvent found, string traceId, IReadOnlyCollection<string> ids) =>
        (traceId.Length > 0 && found.Traceparent.StartsWith($"00-{traceId}-", StringComparison.Ordinal))
        || ids.Contains(found.Subject) || ids.Any(id => found.Data is not null && found.Data.Value.Span.IndexOf(System.Text.Encoding.ASCII.GetBytes(id)) >= 0);

    /// <summary>What the events name beside the ids: in a message with one of them, the other UUIDs in fields that end in <c>_id</c>.</summary>
    public static IReadOnlySet<string> Related(IEnumerable<CloudEvent> events, IReadOnlyCollection<string> ids)
    {
        var related = new HashSet<string>();
        foreach (var found in events)
        {
            if (EventTypes.NameOf(found.Type) is not { } name || EventTypes.Find(name) is not { } type) continue;
            Collect(type.Parse(found.Data.Value), ids, related);
        }

        related.ExceptWith(ids);
        return related;
    }

    /// <summary>
    /// Merges logs. What stands behind another event in any of them stands behind it here, also when clocks disagree; the
    /// rest is ordered by time.
    /// </summary>
    /// <param name="logs">Each in its own order. An event that stands in several is one, with all its places.</param>
    public static List<FlowEvent> Merge(IEnumerable<IReadOnlyList<FlowEvent>> logs)
    {
        var events = new Dictionary<string, FlowEvent>();
        var behind = new Dictionary<string, List<string>>();
        var waitsFor = new Dictionary<string, int>();
        foreach (var log in logs)
        {
            string? before = null;
            foreach (var flow in log)
            {
                var id = flow.Event.Id;
                if (events.TryGetValue(id, out var known)) known.Places.Add(flow.Places);
                else events.Add(id, flow.Clone());
                // What is only parked has no place in the order of that log.
                if (flow.Places[0].Position == 0) continue;
                if (before is not null)
                {
                    if (!behind.TryGetValue(before, out var followers)) behind.Add(before, followers = []);
                    followers.Add(id);
                    waitsFor[id] = waitsFor.GetValueOrDefault(id) + 1;
                }

                before = id;
            }
        }

        return InOrder(events, behind, waitsFor);
    }

    private static List<FlowEvent> InOrder(Dictionary<string, FlowEvent> events, Dictionary<string, List<string>> behind, Dictionary<string, int> waitsFor)
    {
        var ready = new PriorityQueue<string, (DateTimeOffset, string)>();
        foreach (var (id, flow) in events.Where(found => !waitsFor.ContainsKey(found.Key))) ready.Enqueue(id, Rank(flow));
        var ordered = new List<FlowEvent>(events.Count);
        while (ready.TryDequeue(out var id, out _))
        {
            ordered.Add(events[id]);
            foreach (var next in behind.GetValueOrDefault(id) ?? [])
            {
                if (--waitsFor[next] == 0) ready.Enqueue(next, Rank(events[next]));
            }
        }

        // Two logs that contradict each other, as after a restore that read events again: by time, rather than not at all.
        if (ordered.Count < events.Count) ordered.AddRange(events.Values.Except(ordered).OrderBy(Rank));
        return ordered;
    }

    private static (DateTimeOffset, string) Rank(FlowEvent flow) => (flow.Event.Time.ToDateTimeOffset(), flow.Event.Id);

    private static void Collect(IMessage message, IReadOnlyCollection<string> ids, HashSet<string> related)
    {
        var texts = message.Descriptor.Fields.InFieldNumberOrder()
            .Where(field => field is { FieldType: FieldType.String, IsRepeated: false } && field.Name.EndsWith("_id", StringComparison.Ordinal))
            .Select(field => (string)field.Accessor.GetValue(message)).ToList();
        if (texts.Exists(ids.Contains)) related.UnionWith(texts.Where(text => Guid.TryParseExact(text, "D", out _)));
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(field => field is { FieldType: FieldType.Message, IsMap: false }))
        {
            var value = field.Accessor.GetValue(message);
            foreach (var nested in value is System.Collections.IList list ? list.OfType<IMessage>() : new[] { value }.OfType<IMessage>()) Collect(nested, ids, related);
        }
    }
}
