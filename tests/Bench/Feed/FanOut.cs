using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace BeschutWerk.Bench;

/// <summary>
/// B6 and B7: one municipality's events to 1,000 live subscriptions. The peer is a fan-out exchange with one durable queue
/// for each of 1,000 consumers.
/// </summary>
internal static class FanOut
{
    private const int Subscriptions = 1000;
    private const int Callers = 32;

    /// <summary>Events of a burst. The peer needs seconds for twenty.</summary>
    private const int Burst = 500, PeerBurst = 20;

    /// <summary>Events that come one by one; so many a second, the peer as soon as the one before is everywhere.</summary>
    private const int Singles = 200, PerSecond = 40, PeerSingles = 20;

    private const string Exchange = "bench-fanout";

    public static async Task RunAsync(Bench bench)
    {
        await using var server = await bench.StartServerAsync();
        var workload = new Workload(await server.SetSceneAsync(candidates: 100));
        await server.AskAsync<bool>("hold");
        var reporter = new Reporter(server);
        var client = Reporter.ClientOf(server);
        var left = new ConcurrentDictionary<string, Remaining>();
        var delivered = new Countdown();
        var latencies = new Latencies(0);
        void Received(string placementId)
        {
            delivered.Came();
            if (!left.TryGetValue(placementId, out var one) || Interlocked.Decrement(ref one.Subscriptions) > 0) return;
            latencies.Since(one.Begin);
        }

        await using var subscribers = new Subscribers(server, "swcompanies");
        await subscribers.OpenAsync(Subscriptions, received => Received(received.Subject));
        await using var rabbit = await RawRabbit.ConnectAsync(await bench.BrokerAsync());
        await rabbit.FanOutAsync(Exchange, Subscriptions, body => Received(Encoding.ASCII.GetString(body.Span)));

        async Task<double> BurstAsync(int events, Func<Row[], Task> send)
        {
            var rows = workload.Take(events);
            var time = await RawRabbit.TimeAsync(() => send(rows), delivered.Expect((long)events * Subscriptions));
            return (long)events * Subscriptions / time.TotalSeconds;
        }

        async Task<Latencies> SinglesAsync(int events, Func<Row[], Action<Row, long>, Task> send)
        {
            var rows = workload.Take(events);
            latencies = new Latencies(events);
            var all = delivered.Expect((long)events * Subscriptions);
            await send(rows, (row, begin) => left[row.PlacementId.ToString("D")] = new Remaining(Subscriptions, begin));
            await all.WaitAsync(TimeSpan.FromMinutes(2));
            left.Clear();
            return latencies;
        }

        ReadOnlyMemory<byte> Body(Row row) => Encoding.ASCII.GetBytes(row.PlacementId.ToString("D"));
        var bursts = await Rounds.RunAsync(
            bench.Settings.Rounds,
            () => BurstAsync(Burst, rows => reporter.UnaryAsync(rows, Callers)),
            () => BurstAsync(PeerBurst, rows => Task.WhenAll(rows.Select(row => rabbit.PublishAsync(Exchange, "", Body(row)).AsTask()))));
        var singles = await Rounds.RunAsync(
            bench.Settings.Rounds,
            () => SinglesAsync(Singles, async (rows, due) => await Task.WhenAll(await Pacer.RunAsync(rows.Length, PerSecond, (i, begin) =>
            {
                due(rows[i], begin);
                return client.ReportPlacementAsync(Reporter.Request(rows[i])).ResponseAsync;
            }))),
            () => SinglesAsync(PeerSingles, async (rows, due) =>
            {
                foreach (var row in rows)
                {
                    var before = latencies.Count;
                    due(row, Stopwatch.GetTimestamp());
                    await rabbit.PublishAsync(Exchange, "", Body(row));
                    await Wait.UntilAsync(() => Task.FromResult(latencies.Count > before), "the last one has it");
                }
            }));
        bench.Results.Add(Result.Against(
            "B6", $"deliveries to {Subscriptions} subscriptions ÷ RabbitMQ with a durable queue for each", "deliveries/s",
            bursts.Select(round => round.Ours), bursts.Select(round => round.Peer), 20, 60));
        foreach (var (share, bar, stretch) in new[] { (0.5, default(double?), default(double?)), (0.99, 50, 15) })
        {
            var result = Result.Against(
                $"B7 p{share * 100:0}", $"one event to {Subscriptions} subscriptions: the last one has it, from the report on; beside it RabbitMQ as in B6", "ms",
                singles.Select(round => round.Ours.At(share)), singles.Select(round => round.Peer.At(share)), bar, stretch, lowerIsBetter: true);
            // The bar is in milliseconds, whatever the peer takes.
            bench.Results.Add(result with { Ratio = null });
        }
    }

    private sealed class Remaining(int subscriptions, long begin)
    {
        public int Subscriptions = subscriptions;

        public long Begin { get; } = begin;
    }
}
