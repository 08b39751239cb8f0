using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Insight.Facts;

/// <summary>What every fact row takes from its event.</summary>
internal static class FactIds
{
    /// <summary>An id as it stands in a column.</summary>
    public static byte[] Of(string id) => Ids.Parse(id).Bytes();

    /// <summary>The same for an id that may be absent; a reference that is no id links nothing.</summary>
    public static byte[]? OfOptional(string id) => Guid.TryParseExact(id, "D", out var found) ? found.Bytes() : null;

    /// <summary>For a column of a key whose id an event does not tell.</summary>
    public static readonly byte[] None = Guid.Empty.Bytes();

    /// <summary>The municipality that the event concerns; every event of a municipality's log has one.</summary>
    public static string Municipality(ReceivedEvent received) =>
        received.Municipality?.Code ?? throw new InvalidOperationException($"{received.Type} concerns no municipality.");

    /// <summary>When the producer recorded it, in Unix milliseconds.</summary>
    public static long RecordedAt(ReceivedEvent received) => received.Time.ToUnixTimeMilliseconds();
}
