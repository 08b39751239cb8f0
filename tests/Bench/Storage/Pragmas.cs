using Microsoft.Data.Sqlite;

namespace BeschutWerk.Bench;

/// <summary>What decides how durable and how fast a connection writes.</summary>
internal static class Pragmas
{
    private static readonly string[] Names = ["journal_mode", "synchronous", "cache_size", "wal_autocheckpoint", "temp_store", "page_size"];

    /// <summary>The values of a connection, and the version of its SQLite.</summary>
    public static Dictionary<string, string> Read(SqliteConnection connection)
    {
        var values = Names.ToDictionary(name => name, name => Scalar(connection, $"PRAGMA {name}"));
        values["sqlite_version"] = connection.ServerVersion;
        return values;
    }

    /// <summary>Equal durability, or there is nothing to compare.</summary>
    public static void RequireDurable(string who, Dictionary<string, string> pragmas)
    {
        if (pragmas["journal_mode"] == "wal" && pragmas["synchronous"] == "2") return;
        throw new InvalidOperationException($"{who} writes with journal_mode={pragmas["journal_mode"]}, synchronous={pragmas["synchronous"]} instead of wal and 2 (FULL).");
    }

    public static string Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this program.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar()?.ToString() ?? "";
    }
}
