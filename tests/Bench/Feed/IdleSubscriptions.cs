namespace BeschutWerk.Bench;

/// <summary>B22: what a live subscription costs the server while nothing happens.</summary>
internal static class IdleSubscriptions
{
    public static async Task RunAsync(Bench bench)
    {
        foreach (var (count, bar, stretch) in new[] { (1000, 40, 26), (10_000, 20, 12) })
        {
            if (count > bench.Settings.Subscriptions) continue;
            var each = new List<double>();
            // Each on a server of its own: memory that a process once had, it keeps.
            for (var round = 0; round < bench.Settings.Rounds; round++) each.Add(await MeasureAsync(bench, count));
            bench.Results.Add(Result.Alone($"B22 at {count:N0}", "resident memory of the server per idle live subscription", "kB", each, bar, stretch, lowerIsBetter: true));
        }
    }

    private static async Task<double> MeasureAsync(Bench bench, int count)
    {
        await using var server = await bench.StartServerAsync();
        await server.SetSceneAsync(candidates: 1);
        // What the first hundred bring is the code for it, not their own.
        await using var first = new Subscribers(server, "swcompanies");
        await first.OpenAsync(100, _ => { });
        var before = server.Resident;
        await using var subscribers = new Subscribers(server, "swcompanies");
        await subscribers.OpenAsync(count, _ => { });
        return (server.Resident - before) / 1e3 / count;
    }
}
