using BeschutWerk.Backbone.Store;
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
    public static Mark Of(Func<string, SqliteCommand> command, SourceKey key, string source)
    {
        using (var row = command("SELECT source_id, source, applied, attempts FROM sources WHERE source = $source").Set("$source", source).ExecuteReader())
        {
            if (row.Read()) return new Mark(row.GetInt32(0), row.GetString(1), row.GetInt64(2), row.GetInt32(3));
        }

        var id = (long)command("INSERT INTO sources (service, origin, source, applied, attempts) VALUES ($service, $origin, $source, 0, 0) RETURNING source_id")
            .Set("$service", key.Service).Set("$origin", Origin(key)).Set("$source", source).ExecuteScalar()!;
        return new Mark((int)id, source, 0, 0);
    }

    public static void Move(Func<string, SqliteCommand> command, int sourceId, long applied) =>
        command("UPDATE sources SET applied = $applied, attempts = 0 WHERE source_id = $id").Set("$applied", applied).Set("$id", sourceId).ExecuteNonQuery();

    public static void CountAttempt(Func<string, SqliteCommand> command, int sourceId) =>
        command("UPDATE sources SET attempts = attempts + 1 WHERE source_id = $id").Set("$id", sourceId).ExecuteNonQuery();

    private static string Origin(SourceKey key) => key.Origin?.Code ?? "platform";
}
