using System.Reflection;
using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>One store at an older and a newer version of its program.</summary>
internal static class SchemaUpgrade
{
    private const string FirstScript = "CREATE TABLE things (thing_id INTEGER PRIMARY KEY) STRICT; INSERT INTO things VALUES (7);";

    public static readonly SchemaScripts Older = SchemaScripts.Of(new Scripts(("schema/tenant/0001.sql", FirstScript)), platform: false);

    public static readonly SchemaScripts Newer = SchemaScripts.Of(
        new Scripts(("schema/tenant/0001.sql", FirstScript), ("schema/tenant/0002.sql", "ALTER TABLE things ADD COLUMN name TEXT NOT NULL DEFAULT 'old'; CREATE TABLE more (more_id INTEGER PRIMARY KEY) STRICT;")),
        platform: false);

    /// <summary>A script that fails after it changed something.</summary>
    public static readonly SchemaScripts Broken = SchemaScripts.Of(
        new Scripts(("schema/tenant/0001.sql", FirstScript), ("schema/tenant/0002.sql", "CREATE TABLE more (more_id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);")),
        platform: false);

    /// <summary>A script for which the disk has no room: the file may take no page more than it has.</summary>
    public static readonly SchemaScripts Filling = SchemaScripts.Of(
        new Scripts(
            ("schema/tenant/0001.sql", FirstScript),
            ("schema/tenant/0002.sql", "PRAGMA max_page_count = 1;"),
            ("schema/tenant/0003.sql", "CREATE TABLE more (bytes BLOB) STRICT; INSERT INTO more VALUES (zeroblob(1000000));")),
        platform: false);

    /// <summary>The same after a statement that returns a row.</summary>
    public static readonly SchemaScripts BrokenBehindARow = SchemaScripts.Of(
        new Scripts(("schema/tenant/0001.sql", FirstScript), ("schema/tenant/0002.sql", "PRAGMA user_version; CREATE TABLE more (more_id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);")),
        platform: false);

    /// <summary>The scripts of a service as they were when it had this many.</summary>
    public static SchemaScripts First(Assembly service, int most, bool platform)
    {
        var folder = platform ? "schema/platform/" : "schema/tenant/";
        var names = Enumerable.Range(1, most).Select(number => $"{folder}{number:D4}.sql");
        return SchemaScripts.Of(new Scripts([.. names.Select(name => (name, TextOf(service, name)))]), platform);
    }

    private static string TextOf(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    public static string PathIn(string folder) => Path.Combine(folder, "GM0363.db");

    /// <summary>Makes the store when it is not there, and opens it with these scripts.</summary>
    public static SqliteConnection Open(string folder, SchemaScripts schema)
    {
        Directory.CreateDirectory(folder);
        using var vault = KeyVault.Open(folder, "things");
        var file = new StoreFile(new StoreName("things", TenantId.Parse("GM0363")), PathIn(folder), schema, vault);
        file.Create();
        var (connection, _, _, keys) = file.OpenForWriting();
        keys.Dispose();
        return connection;
    }

    /// <summary>The version in the file, and its tables: <c>3001: things</c>.</summary>
    public static string Look(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={PathIn(folder)};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var version = connection.CreateCommand();
        version.CommandText = "PRAGMA user_version";
        using var tables = connection.CreateCommand();
        tables.CommandText = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('things', 'more') ORDER BY name";
        var found = new List<string>();
        using (var row = tables.ExecuteReader())
        {
            while (row.Read()) found.Add(row.GetString(0));
        }

        return $"{version.ExecuteScalar()}: {string.Join(", ", found)}";
    }

    /// <summary>An assembly that embeds nothing but scripts.</summary>
    private sealed class Scripts(params (string Name, string Sql)[] scripts) : Assembly
    {
        public override string[] GetManifestResourceNames() => [.. scripts.Select(script => script.Name)];

        public override Stream? GetManifestResourceStream(string name) =>
            new MemoryStream(Encoding.UTF8.GetBytes(scripts.Single(script => script.Name == name).Sql));
    }
}
