using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Bench;

/// <summary>B9: a subscription that begins at the first event. The peer reads the same rows from the same file, without a server.</summary>
internal static class CatchUp
{
    public static async Task RunAsync(Bench bench)
    {
        await using var server = await bench.StartServerAsync();
        await server.SetSceneAsync(candidates: 1);
        await server.AskAsync<bool>("hold");
        await server.AskAsync<bool>($"fill {bench.Settings.CatchUp}");
        var file = Path.Combine(server.DataFolder, "swcompanies", Workload.Municipality + ".db");

        var rounds = await Rounds.RunAsync(
            bench.Settings.Rounds,
            async () =>
            {
                await using var subscriber = new Subscribers(server, "swcompanies");
                var started = Stopwatch.GetTimestamp();
                var events = await subscriber.CatchUpAsync();
                if (events < bench.Settings.CatchUp) throw new InvalidOperationException($"{events} events instead of {bench.Settings.CatchUp}.");
                return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
            },
            () => Task.Run(() => ReadFile(file)));
        bench.Results.Add(Result.Alone("B9", $"catch-up of {bench.Settings.CatchUp:N0} events over gRPC", "events/s", rounds.Select(round => round.Ours), 150_000, 300_000));
        bench.Results.Add(Result.Against("B9 ÷ file", "the same ÷ Microsoft.Data.Sqlite reading the same rows", "events/s", rounds.Select(round => round.Ours), rounds.Select(round => round.Peer)));
    }

    private static double ReadFile(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT position, sequence, event_id, type, subject, time, traceparent, tracestate, actor, data FROM events ORDER BY position";
        var started = Stopwatch.GetTimestamp();
        var (events, values) = (0, new object[10]);
        using var row = select.ExecuteReader();
        while (row.Read())
        {
            row.GetValues(values);
            events++;
        }

        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
