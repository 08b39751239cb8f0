using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>What following the <see cref="AuditChain"/> of one store found.</summary>
/// <param name="Linked">Events whose link is right. Those from before there was a chain have none and are not counted.</param>
/// <param name="Broken">What is not as it was written; null when nothing was found.</param>
public sealed record AuditCheck(long Linked, string? Broken)
{
    /// <summary>Looks through the log and what operators did, in one snapshot: a restore in between would look like tampering.</summary>
    /// <param name="command">Makes a command on the store's connection.</param>
    public static AuditCheck Of(Func<string, SqliteCommand> command)
    {
        var (own, position, linked, before) = (OwnSource(command), 0L, 0L, default(byte[]));
        using var row = command("""
            SELECT events.position, COALESCE(sources.source, own_sources.source), events.sequence, events.event_id, events.type, events.subject,
                   events.time, events.traceparent, events.tracestate, events.actor, events.data, events.link
            FROM events LEFT JOIN sources ON sources.source_id = events.source_id LEFT JOIN own_sources ON own_sources.source_id = events.source_id
            ORDER BY events.position
            """).ExecuteReader();
        while (row.Read())
        {
            position = row.GetInt64(0);
            if (row.IsDBNull(11) && before is null) continue;
            before = AuditChain.OfEvent(
                before ?? AuditChain.Beginning, TextOrNull(row, 1) ?? own, row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetString(4), row.GetString(5),
                row.GetInt64(6), TextOrNull(row, 7), TextOrNull(row, 8), row.GetString(9), row.GetFieldValue<byte[]>(10));
            if (!Carries(row, 11, before)) return new AuditCheck(linked, $"The event at position {position}, or the one before it, is not what was written there.");
            linked++;
        }

        return new AuditCheck(linked, CutOff(command, position) ?? OfActs(command));
    }

    // SQLite itself remembers the highest number that it gave out.
    private static string? CutOff(Func<string, SqliteCommand> command, long position)
    {
        var last = (long)command("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)").ExecuteScalar()!;
        return last == position ? null : $"The log ends at position {position}, and once reached {last}.";
    }

    private static string? OfActs(Func<string, SqliteCommand> command)
    {
        byte[]? before = null;
        using var row = command("SELECT act_id, act, subject, reason, actor, acted_at, event, link FROM operator_acts ORDER BY act_id").ExecuteReader();
        while (row.Read())
        {
            if (row.IsDBNull(7) && before is null) continue;
            before = AuditChain.OfAct(
                before ?? AuditChain.Beginning, row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6));
            if (!Carries(row, 7, before)) return $"What an operator did, number {row.GetInt64(0)}, or the one before it, is not what was written there.";
        }

        return null;
    }

    private static bool Carries(SqliteDataReader row, int column, byte[] link) => !row.IsDBNull(column) && link.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(column));

    private static string OwnSource(Func<string, SqliteCommand> command)
    {
        using var row = command("SELECT service, origin, epoch FROM store").ExecuteReader();
        row.Read();
        return StoreName.SourceOf(row.GetString(0), row.GetString(1), row.GetString(2));
    }

    private static string? TextOrNull(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
