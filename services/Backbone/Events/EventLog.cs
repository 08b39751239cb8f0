using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Events;

/// <summary>An event of a log and where it stands in it.</summary>
/// <param name="Position">Position in this file.</param>
/// <param name="Event">The event.</param>
public sealed record LoggedEvent(long Position, CloudEvent Event);

/// <summary>Reads the log of one store; by key, a page at a time, so that no reader holds the WAL back.</summary>
public static class EventLog
{
    private const string Columns = """
        SELECT events.position, events.sequence, events.event_id, events.type, events.subject, events.time,
               events.traceparent, events.tracestate, events.actor, events.data, sources.source, sources.origin
        FROM events LEFT JOIN sources ON sources.source_id = events.source_id
        """;

    /// <summary>Own and received events after a position, in the order of this file.</summary>
    public static List<LoggedEvent> ReadAfter<TStore>(ReadSession<TStore> session, StoreName store, string ownSource, long position, int most)
        where TStore : StoreContext =>
        Read(session.Command($"{Columns} WHERE events.position > $after ORDER BY events.position LIMIT $most").Set("$after", position).Set("$most", most), store, ownSource);

    /// <summary>Own events after a sequence.</summary>
    public static List<LoggedEvent> ReadOwnAfter<TStore>(ReadSession<TStore> session, StoreName store, string ownSource, long sequence, int most)
        where TStore : StoreContext =>
        Read(session.Command($"{Columns} WHERE events.source_id = 0 AND events.sequence > $after ORDER BY events.sequence LIMIT $most").Set("$after", sequence).Set("$most", most), store, ownSource);

    /// <summary>Events at these positions, in order.</summary>
    public static List<LoggedEvent> ReadAt<TStore>(ReadSession<TStore> session, StoreName store, string ownSource, IEnumerable<long> positions)
        where TStore : StoreContext =>
        [.. positions.Order().SelectMany(position => Read(session.Command($"{Columns} WHERE events.position = $position").Set("$position", position), store, ownSource))];

    /// <summary>The highest position; 0 for an empty log.</summary>
    public static long Head<TStore>(ReadSession<TStore> session) where TStore : StoreContext =>
        (long)session.Command("SELECT COALESCE(MAX(position), 0) FROM events").ExecuteScalar()!;

    private static List<LoggedEvent> Read(SqliteCommand command, StoreName store, string ownSource)
    {
        var events = new List<LoggedEvent>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            events.Add(new LoggedEvent(row.GetInt64(0), ToCloudEvent(
                Ids.FromBytes(row.GetFieldValue<byte[]>(2)),
                row.IsDBNull(10) ? ownSource : row.GetString(10),
                row.IsDBNull(11) ? store.Origin : row.GetString(11),
                row.GetInt64(1),
                row.GetString(3),
                row.GetString(4),
                row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetString(6),
                row.IsDBNull(7) ? null : row.GetString(7),
                row.GetString(8),
                row.GetFieldValue<byte[]>(9))));
        }

        return events;
    }

    /// <summary>A row of the log as it travels.</summary>
    internal static CloudEvent ToCloudEvent(
        Guid id, string source, string origin, long sequence, string name, string subject, long time, string? traceparent, string? tracestate, string actor, byte[] data) => new()
        {
            Id = id.Text(),
            Source = source,
            Sequence = sequence,
            // A type of another version stands here by its full name, one that this program does not know by its short one.
            Type = name.Contains('.', StringComparison.Ordinal) ? name : EventTypes.CloudType(name),
            Subject = subject,
            Time = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(time)),
            Gemeentecode = origin == "platform" ? "" : origin,
            Traceparent = traceparent ?? "",
            Tracestate = tracestate ?? "",
            Actor = actor,
            Data = new Any { TypeUrl = EventTypes.Find(name)?.TypeUrl ?? "", Value = UnsafeByteOperations.UnsafeWrap(data) },
        };
}
