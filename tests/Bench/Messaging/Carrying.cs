using System.Diagnostics;

namespace BeschutWerk.Bench;

/// <summary>
/// B4: from the log of one service over the broker into the store of another. What is to be carried stands in the log before
/// the clock starts; it stops when Municipalities has applied all of it and the broker has confirmed all of it.
/// </summary>
internal static class Carrying
{
    private const int Callers = 32;
    private const string Queue = "bench-raw";

    /// <summary>Runs with each carrier.</summary>
    public static async Task RunAsync(Bench bench)
    {
        await RunAsync(bench, "masstransit", "", plural: (1.5, null), facts: (0.9, null));
        await RunAsync(bench, "direct", " direct", plural: (0.8, 1.5), facts: (0.8, 1.0));
    }

    private static async Task RunAsync(Bench bench, string carrier, string row, (double Bar, double? Stretch) plural, (double Bar, double? Stretch) facts)
    {
        await using var server = await bench.StartServerOnBrokerAsync(carrier);
        var candidates = await server.SetSceneAsync(bench.Settings.Candidates);
        // Rows of their own: a day that nobody reports to the platform would end the work that its next row renews.
        var (workload, peers) = (new Workload(candidates), new Workload(candidates));
        var reporter = new Reporter(server);
        await using var rabbit = await RawRabbit.ConnectAsync(await bench.BrokerAsync());
        await using var masstransit = await BareMassTransit.StartAsync(await bench.BrokerAsync());
        var consumed = new Countdown();
        await rabbit.ConsumeAsync(Queue, _ => consumed.Came());

        async Task<double> RawAsync(int count)
        {
            var bodies = Workload.Bodies(peers.Take(count));
            var time = await RawRabbit.TimeAsync(() => rabbit.PublishAllAsync(Queue, bodies), consumed.Expect(count));
            return count / time.TotalSeconds;
        }

        async Task<double> MassTransitAsync(int count) => count / (await masstransit.CarryAsync(peers.Take(count))).TotalSeconds;

        var before = await server.StatusAsync();
        var carried = 0L;
        async Task<double> OursAsync(int count, Func<Row[], Task> report)
        {
            await server.AskAsync<bool>("hold");
            await report(workload.Take(count));
            var (time, events) = await DeliverAsync(server);
            carried += events;
            return count / time.TotalSeconds;
        }

        var (many, single) = (bench.Settings.BulkRows, bench.Settings.UnaryRows);
        var groups = await Rounds.RunAsync(bench.Settings.Rounds, () => OursAsync(many, reporter.BulkAsync), () => RawAsync(many));
        var ones = await Rounds.RunAsync(bench.Settings.Rounds, () => OursAsync(single, rows => reporter.UnaryAsync(rows, Callers)), () => MassTransitAsync(single));
        bench.Results.AddRange(
        [
            Result.Against(
                "B4 (a)" + row, "placements: log → confirmed → applied, up to 100 an event ÷ RabbitMQ.Client, one a message", "placements/s",
                groups.Select(round => round.Ours), groups.Select(round => round.Peer), plural.Bar, plural.Stretch),
            Result.Against(
                "B4 (b)" + row, "single facts: log → confirmed → applied ÷ bare MassTransit, published and consumed", "facts/s",
                ones.Select(round => round.Ours), ones.Select(round => round.Peer), facts.Bar, facts.Stretch),
        ]);
        if (row.Length == 0)
        {
            var alone = await Rounds.RunAsync(bench.Settings.Rounds, () => RawAsync(single), () => MassTransitAsync(single));
            bench.Results.Add(Result.Against(
                "B4 peers", "RabbitMQ.Client ÷ bare MassTransit, the same messages", "messages/s", alone.Select(round => round.Ours), alone.Select(round => round.Peer)));
        }

        bench.Checks[$"B4{row} events that the broker carried"] = $"{carried - ((await server.StatusAsync()).ReadFromLogs - before.ReadFromLogs)} of {carried}";
    }

    /// <summary>Lets go of what waits in the log, until it is applied and confirmed.</summary>
    private static async Task<(TimeSpan Time, long Events)> DeliverAsync(Server server)
    {
        var events = await server.AskAsync<long>("held");
        var started = Stopwatch.GetTimestamp();
        await server.AskAsync<bool>($"deliver {events}");
        return (Stopwatch.GetElapsedTime(started), events);
    }
}
