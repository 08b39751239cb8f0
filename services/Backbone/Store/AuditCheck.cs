using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>Follows the <see cref="AuditChain"/> of one store, from its first row on.</summary>
public sealed class AuditCheck
{
    /// <summary>Rows that are read at once, so that no reader holds the journal back.</summary>
    private const int AtOnce = 10_000;

    private long _position;
    private byte[]? _link;

    /// <summary>Events whose link is right so far. Those from before there was a chain have none and are not counted.</summary>
    public long Linked { get; private set; }

    /// <summary>What is not as it was written; null when nothing was found.</summary>
    public string? Broken { get; private set; }

    /// <summary>Looks through the whole file.</summary>
    /// <param name="command">Makes a command on the store's connection.</param>
    public static AuditCheck Of(Func<string, SqliteCommand> command)
    {
        var check = new AuditCheck();
        while (check.Continue(command))
        {
        }

        return check;
    }

    /// <summary>Looks at the next rows.</summary>
    /// <param name="command">Makes a command on the store's connection.</param>
    /// <returns>Whether there may be more; false at the end, and when something was found.</returns>
    public bool Continue(Func<string, SqliteCommand> command)
    {
        var rows = 0;
        using (var row = command("""
            SELECT events.position, COALESCE(sources.source, own_sources.source), events.sequence, events.event_id, events.type, events.subject,
                   events.time, events.traceparent, events.tracestate, events.actor, events.data, events.link
            FROM events LEFT JOIN sources ON sources.source_id = events.source_id LEFT JOIN own_sources ON own_sources.source_id = events.source_id
            WHERE events.position > $after ORDER BY events.position LIMIT $most
            """).Set("$after", _position).Set("$most", AtOnce).ExecuteReader())
        {
            var own = OwnSource(command);
            for (; row.Read(); rows++)
            {
                _position = row.GetInt64(0);
                if (row.IsDBNull(11) && _link is null) continue;
                var link = AuditChain.OfEvent(
                    _link ?? AuditChain.Beginning, row.IsDBNull(1) ? own : row.GetString(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetString(4), row.GetString(5),
                    row.GetInt64(6), TextOrNull(row, 7), TextOrNull(row, 8), row.GetString(9), row.GetFieldValue<byte[]>(10));
                if (row.IsDBNull(11) || !link.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(11)))
                {
                    Broken = $"The event at position {_position}, or the one before it, is not what was written there.";
                    return false;
                }

                _link = link;
                Linked++;
            }
        }

        if (rows == AtOnce) return true;
        Broken = CutOff(command) ?? OfActs(command);
        return false;
    }

    // SQLite itself remembers the highest number that it gave out.
    private string? CutOff(Func<string, SqliteCommand> command)
    {
        var last = (long)command("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)").ExecuteScalar()!;
        return last == _position ? null : $"The log ends at position {_position}, and once reached {last}.";
    }

    private static string? OfActs(Func<string, SqliteCommand> command)
    {
        byte[]? before = null;
        using var row = command("SELECT act_id, act, subject, reason, actor, acted_at, event, link FROM operator_acts ORDER BY act_id").ExecuteReader();
        while (row.Read())
        {
            if (row.IsDBNull(7) && before is null) continue;
            var link = AuditChain.OfAct(
                before ?? AuditChain.Beginning, row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6));
            if (row.IsDBNull(7) || !link.AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(7))) return $"What an operator did, number {row.GetInt64(0)}, or the one before it, is not what was written there.";
            before = link;
        }

        return null;
    }

    private static string OwnSource(Func<string, SqliteCommand> command)
    {
        using var row = command("SELECT service, origin, epoch FROM store").ExecuteReader();
        row.Read();
        return StoreName.SourceOf(row.GetString(0), row.GetString(1), row.GetString(2));
    }

    private static string? TextOrNull(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
