namespace BeschutWerk.Bench;

/// <summary>B18: what it costs to trace every call and to send every span and metric away. Two servers, one without it.</summary>
internal static class Tracing
{
    private const int Callers = 32;

    public static async Task RunAsync(Bench bench)
    {
        await using var sink = await OtlpSink.StartAsync();
        await using var traced = await bench.StartServerAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", sink.Address));
        await using var plain = await bench.StartServerAsync();
        var (with, without) = (await SideAsync(bench, traced), await SideAsync(bench, plain));

        var (rows, calls) = (bench.Settings.BulkRows, bench.Settings.UnaryRows);
        var bulk = await Rounds.RunAsync(bench.Settings.Rounds, () => with.Reporter.BulkAsync(with.Workload.Take(rows)), () => without.Reporter.BulkAsync(without.Workload.Take(rows)));
        await sink.QuietAsync();
        var before = sink.Spans;
        var unary = await Rounds.RunAsync(
            bench.Settings.Rounds, () => with.Reporter.UnaryAsync(with.Workload.Take(calls), Callers), () => without.Reporter.UnaryAsync(without.Workload.Take(calls), Callers));
        await sink.QuietAsync();

        bench.Results.Add(Result.Against(
            "B18 bulk", "bulk stream, traced and exported ÷ without", "placements/s", bulk.Select(round => round.Ours.Rate), bulk.Select(round => round.Peer.Rate), 0.90, 0.97));
        bench.Results.Add(Result.Against(
            "B18 unary", $"unary calls of {Callers} callers, traced and exported ÷ without", "placements/s",
            unary.Select(round => round.Ours.Rate), unary.Select(round => round.Peer.Rate), 0.90, 0.97));
        bench.Results.Add(Result.Against(
            "B18 processor", "processor time of the server per 1,000 unary calls, the same", "s",
            unary.Select(round => round.Ours.ServerCpu.TotalSeconds * 1000 / calls), unary.Select(round => round.Peer.ServerCpu.TotalSeconds * 1000 / calls), lowerIsBetter: true));
        bench.Checks["B18 spans received per unary call"] = FormattableString.Invariant($"{(double)(sink.Spans - before) / (calls * (bench.Settings.Rounds + 1)):0.00}");
    }

    private static async Task<(Reporter Reporter, Workload Workload)> SideAsync(Bench bench, Server server)
    {
        var workload = new Workload(await server.SetSceneAsync(bench.Settings.Candidates));
        await server.AskAsync<bool>("hold");
        return (new Reporter(server), workload);
    }
}
