using BeschutWerk.Backbone.Store;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>A store's file as a program left it whose pages carried no checks yet: of Backbone's version 8.</summary>
internal static class UncheckedFile
{
    /// <summary>Writes the file of a closed store anew, with the same rows.</summary>
    public static void Make(string path, int version)
    {
        var older = path + ".older";
        SqliteEngine.Use();
        using (var connection = new SqliteConnection($"Data Source={older};Pooling=False"))
        {
            connection.Open();
            SchemaScripts.Execute(connection, $"ATTACH '{path}' AS now");
            foreach (var sql in Texts(connection, "SELECT sql FROM now.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND type = 'table'")) SchemaScripts.Execute(connection, sql);
            foreach (var table in Texts(connection, "SELECT name FROM now.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
            {
                SchemaScripts.Execute(connection, $"INSERT INTO main.{table} SELECT * FROM now.{table}");
            }

            foreach (var sql in Texts(connection, "SELECT sql FROM now.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND type <> 'table'")) SchemaScripts.Execute(connection, sql);
            SchemaScripts.Execute(connection, $"PRAGMA main.user_version = {version}; DETACH now; PRAGMA journal_mode = WAL");
        }

        File.Move(older, path, overwrite: true);
        Assert.Equal(0, File.ReadAllBytes(path)[PageCheck.Place]);
    }

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        var texts = new List<string>();
        while (row.Read()) texts.Add(row.GetString(0));
        return texts;
    }
}
