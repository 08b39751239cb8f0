using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>How far a store has applied the sources that it follows.</summary>
internal static class Sources
{
    public readonly record struct Mark(int SourceId, string Source, long Applied, int Attempts);

    public static Mark? Find(Func<string, SqliteCommand> command, SourceKey key)
    {
        using var row = command("SELECT source_id, source, applied, attempts FROM sources WHERE service = $service AND origin = $origin ORDER BY source_id DESC LIMIT 1")
            .Set("$service", key.Service).Set("$origin", Origin(key)).ExecuteReader();
        return row.Read() ? new Mark(row.GetInt32(0), row.GetString(1), row.GetInt64(2), row.GetInt32(3)) : null;
    }

    /// <summary>The mark of a source, made at its first event.</summary>
    public static Mark Of(Func<string, Statement> statement, SourceKey key, string source)
    {
        var row = statement("SELECT source_id, applied, attempts FROM sources WHERE source = ?1");
        row.Bind(1, source);
        Mark? known = row.Step() ? new Mark((int)row.Number(0), source, row.Number(1), (int)row.Number(2)) : null;
        row.Reset();
        return known ?? new Mark(Add(statement, key, source), source, 0, 0);
    }

    private static int Add(Func<string, Statement> statement, SourceKey key, string source)
    {
        var insert = statement("INSERT INTO sources (service, origin, source, applied, attempts) VALUES (?1, ?2, ?3, 0, 0) RETURNING source_id");
        insert.Bind(1, key.Service);
        insert.Bind(2, Origin(key));
        insert.Bind(3, source);
        insert.Step();
        var id = (int)insert.Number(0);
        insert.Reset();
        return id;
    }

    public static void Move(Func<string, Statement> statement, int sourceId, long applied)
    {
        var update = statement("UPDATE sources SET applied = ?1, attempts = 0 WHERE source_id = ?2");
        update.Bind(1, applied);
        update.Bind(2, sourceId);
        update.Run();
    }

    public static void CountAttempt(Func<string, Statement> statement, int sourceId)
    {
        var update = statement("UPDATE sources SET attempts = attempts + 1 WHERE source_id = ?1");
        update.Bind(1, sourceId);
        update.Run();
    }

    /// <summary>What was counted before an event was handled did not kill the process.</summary>
    public static void TakeBackAttempt(Func<string, Statement> statement, int sourceId)
    {
        var update = statement("UPDATE sources SET attempts = attempts - 1 WHERE source_id = ?1 AND attempts > 0");
        update.Bind(1, sourceId);
        update.Run();
    }

    /// <summary>Last applied sequence of everything that one store ever stamped, by source.</summary>
    public static Dictionary<string, long> Applied(Func<string, SqliteCommand> command, SourceKey key)
    {
        var applied = new Dictionary<string, long>();
        using var row = command("SELECT source, applied FROM sources WHERE service = $service AND origin = $origin").Set("$service", key.Service).Set("$origin", Origin(key)).ExecuteReader();
        while (row.Read()) applied.Add(row.GetString(0), row.GetInt64(1));
        return applied;
    }

    /// <summary>The same for every store that is followed.</summary>
    public static List<(SourceKey Key, Dictionary<string, long> Applied)> All(Func<string, SqliteCommand> command)
    {
        var all = new List<(SourceKey Key, string Source, long Applied)>();
        using (var row = command("SELECT service, origin, source, applied FROM sources ORDER BY source_id").ExecuteReader())
        {
            while (row.Read()) all.Add((new SourceKey(row.GetString(0), row.GetString(1) == "platform" ? null : TenantId.Parse(row.GetString(1))), row.GetString(2), row.GetInt64(3)));
        }

        return [.. all.GroupBy(row => row.Key).Select(rows => (rows.Key, rows.ToDictionary(row => row.Source, row => row.Applied)))];
    }

    /// <summary>How many events were applied of each service's platform store, and of its municipalities'; without those that it lost.</summary>
    public static List<(string Service, bool Platform, long Events)> Count(Func<string, SqliteCommand> command)
    {
        var counts = new List<(string, bool, long)>();
        using var row = command("SELECT service, origin = 'platform', SUM(applied - lost) FROM sources GROUP BY 1, 2").ExecuteReader();
        while (row.Read()) counts.Add((row.GetString(0), row.GetBoolean(1), row.GetInt64(2)));
        return counts;
    }

    /// <summary>
    /// Remembers how many applied events of a source its producer has lost. What it holds again, and loses again, is settled anew.
    /// </summary>
    public static void SetLost(Func<string, SqliteCommand> command, string source, long lost) =>
        command("UPDATE sources SET lost = $lost, settled = MIN(settled, $lost) WHERE source = $source")
            .Set("$lost", lost).Set("$source", source).ExecuteNonQuery();

    /// <summary>The lost events of a source are settled.</summary>
    public static void Settle(Func<string, SqliteCommand> command, string source) =>
        command("UPDATE sources SET settled = lost WHERE source = $source").Set("$source", source).ExecuteNonQuery();

    /// <summary>How many events of a source are settled, the last that were applied.</summary>
    public static long SettledOf(Func<string, SqliteCommand> command, string source) =>
        command("SELECT settled FROM sources WHERE source = $source").Set("$source", source).ExecuteScalar() as long? ?? 0;

    /// <summary>
    /// What was applied and then lost by its producer's restore, and is not settled, by source: first and last sequence.
    /// </summary>
    public static List<(string Source, long From, long To)> Lost(Func<string, SqliteCommand> command)
    {
        var lost = new List<(string, long, long)>();
        using var row = command("""
            SELECT source, applied - lost + 1, applied - settled FROM sources WHERE lost > settled ORDER BY source_id
            """).ExecuteReader();
        while (row.Read()) lost.Add((row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
        return lost;
    }

    private static string Origin(SourceKey key) => key.Origin?.Code ?? "platform";
}
