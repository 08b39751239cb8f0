using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>What following the <see cref="AuditChain"/> of one store found.</summary>
/// <param name="Linked">Events whose link is right. Those from before there was a chain have none and are not counted.</param>
/// <param name="Broken">What is not as it was written; null when nothing was found.</param>
public sealed record AuditCheck(long Linked, string? Broken)
{
    private const string NoBeginning = "Where the chain of links begins is not recorded any more.";

    /// <summary>Looks through the log and what operators did, in one snapshot: a restore in between would look like tampering.</summary>
    /// <param name="command">Makes a command on the store's connection.</param>
    public static AuditCheck Of(Func<string, SqliteCommand> command)
    {
        var (own, position, linked, before) = (OwnSource(command), 0L, 0L, AuditChain.Beginning);
        if (BeganAfter(command, "events") is not { } began) return new AuditCheck(0, NoBeginning);
        using var row = command("""
            SELECT events.position, COALESCE(sources.source, own_sources.source), events.sequence, events.event_id, events.type, events.subject,
                   events.time, events.traceparent, events.tracestate, events.actor, events.data, events.link
            FROM events LEFT JOIN sources ON sources.source_id = events.source_id LEFT JOIN own_sources ON own_sources.source_id = events.source_id
            ORDER BY events.position
            """).ExecuteReader();
        while (row.Read())
        {
            position = row.GetInt64(0);
            if (position <= began && row.IsDBNull(11)) continue;
            before = AuditChain.OfEvent(
                before, TextOrNull(row, 1) ?? own, row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetString(4), row.GetString(5),
                row.GetInt64(6), TextOrNull(row, 7), TextOrNull(row, 8), row.GetString(9), row.GetFieldValue<byte[]>(10));
            if (position <= began || !Carries(row, 11, before))
            {
                return new AuditCheck(linked, $"The event at position {position}, or the one before it, is not what was written there.");
            }

            linked++;
        }

        var last = CutOff(command, "events", position);
        return new AuditCheck(linked, last is null ? OfActs(command) : $"The log ends at position {position}, and once reached {last}.");
    }

    private static string? OfActs(Func<string, SqliteCommand> command)
    {
        var (number, before) = (0L, AuditChain.Beginning);
        if (BeganAfter(command, "operator_acts") is not { } began) return NoBeginning;
        using var row = command("SELECT act_id, act, subject, reason, actor, acted_at, event, link FROM operator_acts ORDER BY act_id").ExecuteReader();
        while (row.Read())
        {
            number = row.GetInt64(0);
            if (number <= began && row.IsDBNull(7)) continue;
            before = AuditChain.OfAct(
                before, row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6));
            if (number <= began || !Carries(row, 7, before))
            {
                return $"What an operator did, number {number}, or the one before it, is not what was written there.";
            }
        }

        var last = CutOff(command, "operator_acts", number);
        return last is null ? null : $"What operators did ends at number {number}, and once reached {last}.";
    }

    /// <summary>Behind which row the chain begins; null when that is not recorded any more.</summary>
    private static long? BeganAfter(Func<string, SqliteCommand> command, string table) =>
        command("SELECT began_after FROM chains WHERE linked = $table").Set("$table", table).ExecuteScalar() as long?;

    /// <summary>The highest number that SQLite itself remembers to have given out; null when that is the last row's.</summary>
    private static long? CutOff(Func<string, SqliteCommand> command, string table, long last)
    {
        var reached = (command("SELECT seq FROM sqlite_sequence WHERE name = $table").Set("$table", table).ExecuteScalar() as long?) ?? 0;
        return reached == last ? null : reached;
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
