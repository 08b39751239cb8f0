using System.Collections.Concurrent;

namespace BeschutWerk.Bench;

/// <summary>B8: what 900 subscriptions notice of 100 others that stopped reading, and what those cost the server.</summary>
internal static class SilentSubscribers
{
    private const int Reading = 900;
    private const int Others = 100;

    /// <summary>At this rate the machine is half busy; the events of a round are several times what a silent connection buffers.</summary>
    private const int PerSecond = 50, Events = 500;

    public static async Task RunAsync(Bench bench)
    {
        await using var server = await bench.StartServerAsync();
        var workload = new Workload(await server.SetSceneAsync(candidates: 100));
        await server.AskAsync<bool>("hold");
        var client = Reporter.ClientOf(server);
        var due = new ConcurrentDictionary<string, long>();
        var (latencies, delivered) = (new Latencies(0), new Countdown());
        await using var readers = new Subscribers(server, "swcompanies");
        await readers.OpenAsync(Reading, received =>
        {
            latencies.Since(due[received.Subject]);
            delivered.Came();
        });

        async Task<(Latencies Latencies, double Resident)> RoundAsync(Func<Subscribers, Task> open)
        {
            await using var others = new Subscribers(server, "swcompanies");
            await open(others);
            var rows = workload.Take(Events);
            latencies = new Latencies(Events * Reading);
            var all = delivered.Expect((long)Events * Reading);
            await Task.WhenAll(await Pacer.RunAsync(rows.Length, PerSecond, (i, begin) =>
            {
                due[rows[i].PlacementId.ToString("D")] = begin;
                return client.ReportPlacementAsync(Reporter.Request(rows[i])).ResponseAsync;
            }));
            await all.WaitAsync(TimeSpan.FromMinutes(1));
            due.Clear();
            return (latencies, server.Resident / 1e6);
        }

        var rounds = await Rounds.RunAsync(
            bench.Settings.Rounds, () => RoundAsync(others => others.OpenSilentAsync(Others)), () => RoundAsync(others => others.OpenAsync(Others, _ => { })));
        foreach (var (share, bar, stretch) in new[] { (0.5, default(double?), default(double?)), (0.99, 1.10, 1.02) })
        {
            bench.Results.Add(Result.Against(
                $"B8 p{share * 100:0}", $"report → each of {Reading} subscriptions while {Others} others do not read ÷ while they read", "ms",
                rounds.Select(round => round.Ours.Latencies.At(share)), rounds.Select(round => round.Peer.Latencies.At(share)), bar, stretch, lowerIsBetter: true));
        }

        bench.Results.Add(Result.Against(
            "B8 memory", $"resident memory of the server behind {Events} events, the same", "MB",
            rounds.Select(round => round.Ours.Resident), rounds.Select(round => round.Peer.Resident), 1.10, 1.02, lowerIsBetter: true));
    }
}
