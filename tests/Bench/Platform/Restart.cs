using System.Diagnostics;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;

namespace BeschutWerk.Bench;

/// <summary>B17: the server is killed while a bulk stream runs, and started again at once. How long until a placement is acknowledged again?</summary>
internal static class Restart
{
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(Bench bench)
    {
        await using var server = await bench.StartServerAsync();
        var workload = new Workload(await server.SetSceneAsync(bench.Settings.Candidates));
        await server.AskAsync<bool>("hold");
        var (acks, starts) = (new List<double>(), new List<double>());
        for (var round = 0; round < bench.Settings.Rounds; round++)
        {
            var isKilled = false;
            var load = LoadAsync(server, workload, () => Volatile.Read(ref isKilled));
            await Task.Delay(Load);
            Volatile.Write(ref isKilled, true);
            var killed = Stopwatch.GetTimestamp();
            await server.KillAsync();
            var acknowledged = FirstAckAsync(server, workload.Take(1)[0], killed);
            await server.StartAsync();
            starts.Add(Stopwatch.GetElapsedTime(killed).TotalSeconds);
            acks.Add((await acknowledged).TotalSeconds);
            await server.AskAsync<bool>("hold");
            await load;
        }

        bench.Results.Add(Result.Alone("B17", "kill -9 under bulk load → first new placement acknowledged, by the client's clock", "s", acks, 2, 1, lowerIsBetter: true));
        bench.Results.Add(Result.Alone("B17 start", "of that, until the new process says that it is ready", "s", starts, lowerIsBetter: true));
    }

    /// <summary>Reports in bulk until the server is gone.</summary>
    private static async Task LoadAsync(Server server, Workload workload, Func<bool> isKilled)
    {
        try
        {
            while (true) await new Reporter(server).BulkAsync(workload.Take(2000));
        }
        catch (Exception error) when (isKilled() && error is (RpcException or InvalidOperationException or IOException))
        {
            // As it should be; a refusal before would be none.
        }
    }

    private static async Task<TimeSpan> FirstAckAsync(Server server, Row row, long killed)
    {
        // As a client that holds a token and repeats its call: the same request_id each time.
        using var channel = server.Connect();
        var client = new PlacementService.PlacementServiceClient(server.As("company", channel));
        while (true)
        {
            try
            {
                await client.ReportPlacementAsync(Reporter.Request(row), deadline: DateTime.UtcNow + Patience);
                return Stopwatch.GetElapsedTime(killed);
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable && Stopwatch.GetElapsedTime(killed) < Patience)
            {
                await Task.Delay(20);
            }
        }
    }
}
