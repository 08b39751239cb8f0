using System.Globalization;
using System.Reflection;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Faults;

/// <summary>A store's file as an earlier version of the program would have left it: made by the first scripts alone, with the rows of now.</summary>
internal static class OlderFile
{
    /// <summary>Writes the file anew, as it was after so many scripts of Backbone and of the service.</summary>
    /// <returns>Its version.</returns>
    public static int Rewrite(string path, int backbone, int service)
    {
        var (older, version) = (path + ".older", (backbone * 1000) + service);
        using (var connection = Open(older))
        {
            foreach (var script in Scripts(typeof(SchemaScripts).Assembly, "schema/", backbone).Concat(Scripts(typeof(MunicipalityStore).Assembly, "schema/tenant/", service))) Run(connection, script);
            Run(connection, $"ATTACH '{path}' AS now");
            foreach (var table in Names(connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
            {
                var now = Names(connection, $"SELECT name FROM pragma_table_info('{table}', 'now')");
                // A table that was given up since holds nothing.
                if (now.Count == 0) continue;
                var columns = Names(connection, $"SELECT name FROM pragma_table_info('{table}', 'main')");
                var needed = Names(connection, $"SELECT name FROM pragma_table_info('{table}', 'main') WHERE \"notnull\" = 1 AND dflt_value IS NULL").Except(now);
                var values = columns.Where(now.Contains).Select(column => (column, column)).Concat(needed.Select(column => (column, "0"))).ToList();
                Run(connection, $"DELETE FROM main.{table}; INSERT INTO main.{table} ({string.Join(", ", values.Select(pair => pair.Item1))}) SELECT {string.Join(", ", values.Select(pair => pair.Item2))} FROM now.{table}");
            }

            Run(connection, $"PRAGMA main.user_version = {version}; DETACH now; PRAGMA journal_mode = WAL");
        }

        File.Move(older, path, overwrite: true);
        return version;
    }

    /// <summary>
    /// The version of a file, and how many rows it holds or what SQLite finds wrong with it; read from a copy, so that the service itself
    /// finds what a kill left.
    /// </summary>
    public static (int Version, string Holds) Look(string path)
    {
        var folder = Directory.CreateTempSubdirectory("beschutwerk-look-").FullName;
        try
        {
            var copy = Path.Combine(folder, Path.GetFileName(path));
            foreach (var part in new[] { "", "-wal" })
            {
                if (File.Exists(path + part)) File.Copy(path + part, copy + part);
            }

            using var connection = Open(copy);
            var sound = Names(connection, "PRAGMA integrity_check").Single();
            var version = int.Parse(Names(connection, "PRAGMA user_version").Single(), CultureInfo.InvariantCulture);
            var counts = Names(connection, "SELECT (SELECT count(*) FROM events) || ' events, ' || (SELECT count(*) FROM cases) || ' cases, ' || (SELECT count(*) FROM persons) || ' persons'").Single();
            return (version, sound == "ok" ? counts : sound);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SqliteConnection Open(string path)
    {
        SqliteEngine.Prepare();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    // Numbers that are missing are of scripts for the platform's stores.
    private static IEnumerable<string> Scripts(Assembly assembly, string folder, int most) => Enumerable.Range(1, most)
        .Select(number => assembly.GetManifestResourceStream($"{folder}{number:D4}.sql")).OfType<Stream>().Select(stream =>
        {
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        });

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own tables.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static List<string> Names(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own tables.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        var names = new List<string>();
        while (row.Read()) names.Add(row.GetString(0));
        return names;
    }
}
