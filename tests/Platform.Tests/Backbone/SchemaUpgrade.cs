using System.Reflection;
using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>One store at an older and a newer version of its program.</summary>
internal static class SchemaUpgrade
{
    private const string First = "CREATE TABLE things (thing_id INTEGER PRIMARY KEY) STRICT; INSERT INTO things VALUES (7);";

    public static readonly SchemaScripts Older = SchemaScripts.Of(new Scripts(("schema/tenant/0001.sql", First)), platform: false);

    public static readonly SchemaScripts Newer = SchemaScripts.Of(
        new Scripts(("schema/tenant/0001.sql", First), ("schema/tenant/0002.sql", "ALTER TABLE things ADD COLUMN name TEXT NOT NULL DEFAULT 'old'; CREATE TABLE more (more_id INTEGER PRIMARY KEY) STRICT;")),
        platform: false);

    /// <summary>A script that fails after it changed something.</summary>
    public static readonly SchemaScripts Broken = SchemaScripts.Of(
        new Scripts(("schema/tenant/0001.sql", First), ("schema/tenant/0002.sql", "CREATE TABLE more (more_id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);")),
        platform: false);

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
