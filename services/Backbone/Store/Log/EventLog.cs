using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>An event of a log and where it stands in it.</summary>
/// <param name="Position">Position in this file.</param>
/// <param name="Event">The event.</param>
public sealed record LoggedEvent(long Position, CloudEvent Event);

/// <summary>How many bytes of data are read at once, beside how many events: one event may have 60 KB. The event that reaches the limit is the last of its page.</summary>
internal static class PageBytes
{
    /// <summary>For a live subscriber: one that does not read keeps a page waiting.</summary>
    public const long Live = 64 * 1024;

    /// <summary>For a call, whose answer clients take up to 4 MB.</summary>
    public const long Call = 1024 * 1024;

    /// <summary>Whether a page ended because of its size, so that there may be more behind it.</summary>
    public static bool IsFull(IReadOnlyCollection<LoggedEvent> page, int most, long mostBytes) =>
        page.Count >= most || page.Sum(logged => (long)logged.Event.Data.Value.Length) >= mostBytes;
}

/// <summary>Reads the log of one store; by key, a page at a time, so that no reader holds the WAL back.</summary>
public static class EventLog
{
    private const string Columns = """
        SELECT events.position, events.sequence, events.event_id, events.type, events.subject, events.time,
               events.traceparent, events.actor, events.data, COALESCE(sources.source, own_sources.source), sources.origin
        FROM events LEFT JOIN sources ON sources.source_id = events.source_id LEFT JOIN own_sources ON own_sources.source_id = events.source_id
        """;

    /// <summary>Own and received events after a position, in the order of this file.</summary>
    public static List<LoggedEvent> ReadAfter<TStore>(ReadSession<TStore> session, long position, int most, long mostBytes = long.MaxValue) where TStore : StoreContext =>
        Read(session, session.Command($"{Columns} WHERE events.position > $after ORDER BY events.position LIMIT $most").Set("$after", position).Set("$most", most), mostBytes);

    /// <summary>Own events after a sequence of the source that the store stamps now (0), or stamped before a restore (below 0).</summary>
    public static List<LoggedEvent> ReadOwnAfter<TStore>(ReadSession<TStore> session, int sourceId, long sequence, int most, long mostBytes = long.MaxValue) where TStore : StoreContext =>
        Read(session, session.Command($"{Columns} WHERE events.source_id = $source AND events.sequence > $after ORDER BY events.sequence LIMIT $most")
            .Set("$source", sourceId).Set("$after", sequence).Set("$most", most), mostBytes);

    /// <summary>Events at these positions, in order.</summary>
    public static List<LoggedEvent> ReadAt<TStore>(ReadSession<TStore> session, IEnumerable<long> positions) where TStore : StoreContext =>
        [.. positions.Order().SelectMany(position => Read(session, session.Command($"{Columns} WHERE events.position = $position").Set("$position", position)))];

    /// <summary>Events of a trace, or that are about or name one of these ids, in the order of this file. Reads the whole log.</summary>
    public static List<LoggedEvent> Find<TStore>(ReadSession<TStore> session, string traceId, IEnumerable<string> ids, int most) where TStore : StoreContext =>
        Read(session, session.Command($"""
            {Columns} WHERE ($trace <> '' AND events.traceparent LIKE '00-' || $trace || '-%')
              OR EXISTS (SELECT 1 FROM json_each($ids) AS id WHERE events.subject = id.value OR instr(events.data, CAST(id.value AS BLOB)) > 0)
            ORDER BY events.position LIMIT $most
            """).Set("$trace", traceId).Set("$ids", System.Text.Json.JsonSerializer.Serialize(ids)).Set("$most", most));

    /// <summary>The sources that the store stamped before it was restored, oldest first: number, URN and events.</summary>
    public static List<(int SourceId, string Source, long Events)> FormerSources<TStore>(ReadSession<TStore> session) where TStore : StoreContext
    {
        var former = new List<(int, string, long)>();
        using var row = session.Command("SELECT source_id, source, events FROM own_sources ORDER BY source_id DESC").ExecuteReader();
        while (row.Read()) former.Add((row.GetInt32(0), row.GetString(1), row.GetInt64(2)));
        return former;
    }

    /// <summary>The highest position; 0 for an empty log.</summary>
    public static long Head<TStore>(ReadSession<TStore> session) where TStore : StoreContext =>
        (long)session.Command("SELECT COALESCE(MAX(position), 0) FROM events").ExecuteScalar()!;

    /// <summary>How many events the store raised, those of before a restore included.</summary>
    public static long CountOwn<TStore>(ReadSession<TStore> session) where TStore : StoreContext => (long)session.Command("""
        SELECT (SELECT COALESCE(MAX(sequence), 0) FROM events WHERE source_id = 0) + (SELECT COALESCE(SUM(events), 0) FROM own_sources)
        """).ExecuteScalar()!;

    private static List<LoggedEvent> Read<TStore>(ReadSession<TStore> session, SqliteCommand command, long mostBytes = long.MaxValue) where TStore : StoreContext
    {
        var (events, bytes) = (new List<LoggedEvent>(), 0L);
        using var row = command.ExecuteReader();
        while (bytes < mostBytes && row.Read())
        {
            events.Add(new LoggedEvent(row.GetInt64(0), ToCloudEvent(
                Ids.FromBytes(row.GetFieldValue<byte[]>(2)),
                row.IsDBNull(9) ? session.Source : row.GetString(9),
                row.IsDBNull(10) ? session.Origin : row.GetString(10),
                row.GetInt64(1),
                row.GetString(3),
                row.GetString(4),
                row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetString(6),
                row.GetString(7),
                row.GetFieldValue<byte[]>(8))));
            bytes += events[^1].Event.Data.Value.Length;
        }

        return events;
    }

    /// <summary>A row of the log as it travels.</summary>
    internal static CloudEvent ToCloudEvent(
        Guid id, string source, string origin, long sequence, string name, string subject, long time, string? traceparent, string actor, byte[] data) => new()
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
            Actor = Caller.ActorAsTold(actor),
            Data = new Any { TypeUrl = EventTypes.Find(name)?.TypeUrl ?? "", Value = UnsafeByteOperations.UnsafeWrap(data) },
        };
}
