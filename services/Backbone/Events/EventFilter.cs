using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Events;

/// <summary>
/// Only events of some types: the one place that reads such a filter. A type that the feed can never hold is refused, for a
/// client that waits for it would wait for ever.
/// </summary>
public static class EventFilter
{
    private const string Field = "types";

    /// <summary>The CloudEvent types that a filter names, each once; none for all.</summary>
    /// <param name="types">As the client wrote them: CloudEvent types, or names such as <c>advice-issued</c>.</param>
    /// <param name="mayHold">Whether events of a type can stand in the feed that is filtered.</param>
    /// <param name="checks">Takes what is wrong, by <c>types[i]</c>.</param>
    public static IReadOnlyList<string> Read(IReadOnlyList<string> types, Func<EventType, bool> mayHold, FieldChecks checks)
    {
        var read = new List<string>(types.Count);
        for (var i = 0; i < types.Count; i++)
        {
            var type = EventTypes.Named(types[i]);
            var holds = type is not null && mayHold(type);
            checks.Require(holds, $"{Field}[{i}]", type is null ? "Is no event." : "Is no event of this feed.");
            if (type is not null) read.Add(type.CloudType);
        }

        return [.. read.Distinct()];
    }
}
