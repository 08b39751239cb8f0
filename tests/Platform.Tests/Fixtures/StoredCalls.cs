using BeschutWerk.Backbone;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>What the stores of all services have noted of calls, and how many rows they hold.</summary>
internal sealed class StoredCalls(string dataFolder)
{
    private readonly Dictionary<string, (long Position, long Request)> _seen = [];

    /// <summary>Trace ids of the events, and ids of the calls, that were stored anywhere since this was last asked.</summary>
    public async Task<HashSet<string>> SinceAsync(CancellationToken cancel)
    {
        var stored = new HashSet<string>();
        foreach (var file in Files())
        {
            await using var store = await OpenAsync(file, cancel);
            var (position, request) = _seen.GetValueOrDefault(file);
            position = Read(store, "SELECT position, substr(traceparent, 4, 32) FROM events WHERE position > $after", position, stored);
            request = Read(store, "SELECT row_number, lower(hex(request_id)) FROM requests WHERE row_number > $after", request, stored);
            _seen[file] = (position, request);
        }

        return stored;
    }

    /// <summary>How many rows each table of each store has.</summary>
    public async Task<Dictionary<string, long>> RowsAsync(CancellationToken cancel)
    {
        var rows = new Dictionary<string, long>();
        foreach (var file in Files())
        {
            await using var store = await OpenAsync(file, cancel);
            var tables = new List<string>();
            await using (var names = store.CreateCommand())
            {
                names.CommandText = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'";
                await using var row = await names.ExecuteReaderAsync(cancel);
                while (await row.ReadAsync(cancel)) tables.Add(row.GetString(0));
            }

            foreach (var table in tables)
            {
                await using var count = store.CreateCommand();
#pragma warning disable CA2100 // The names are those of our own tables.
                count.CommandText = $"SELECT count(*) FROM \"{table}\"";
#pragma warning restore CA2100
                rows.Add($"{Path.GetRelativePath(dataFolder, file)} {table}", (long)(await count.ExecuteScalarAsync(cancel))!);
            }
        }

        return rows;
    }

    private IEnumerable<string> Files() =>
        PlatformServices.Names.SelectMany(service => Directory.GetFiles(Path.Combine(dataFolder, service), "*.db"));

    private static async Task<SqliteConnection> OpenAsync(string file, CancellationToken cancel)
    {
        var store = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false,
        }.ToString());
        await store.OpenAsync(cancel);
        return store;
    }

    private static long Read(SqliteConnection store, string sql, long after, HashSet<string> stored)
    {
        using var command = store.CreateCommand();
#pragma warning disable CA2100 // The texts are constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$after", after);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            after = Math.Max(after, row.GetInt64(0));
            if (!row.IsDBNull(1)) stored.Add(row.GetString(1));
        }

        return after;
    }
}
