using System.Collections.Concurrent;
using System.Text;

namespace BeschutWerk.Bench;

/// <summary>
/// B5: from a company's report until the municipality's subscription has it: call, commit, broker, commit of Municipalities,
/// feed. The peer is one message from publish to consume over a quorum queue.
/// </summary>
internal static class ReportToSubscriber
{
    /// <summary>Reports a second to which the bars apply.</summary>
    public const int PerSecond = 500;

    private const int Seconds = 8;
    private const string Queue = "bench-paced";

    /// <summary>Runs with each carrier.</summary>
    public static async Task RunAsync(Bench bench)
    {
        await RunAsync(bench, "masstransit", "", [(0.5, 3.0, null), (0.95, null, null), (0.99, null, null), (1.0, null, null)]);
        await RunAsync(bench, "direct", " direct", [(0.5, 2.5, 1.6), (0.95, null, null), (0.99, 3.0, 2.0), (1.0, null, null)]);
    }

    private static async Task RunAsync(Bench bench, string carrier, string row, (double Share, double? Bar, double? Stretch)[] bars)
    {
        await using var server = await bench.StartServerOnBrokerAsync(carrier);
        var candidates = await server.SetSceneAsync(bench.Settings.Candidates);
        // Rows of their own: a day that nobody reports to the platform would end the work that its next row renews.
        var (workload, peers) = (new Workload(candidates), new Workload(candidates));
        var client = Reporter.ClientOf(server);
        var perSecond = bench.Settings.PerSecond;
        await using var rabbit = await RawRabbit.ConnectAsync(await bench.BrokerAsync());
        var (due, latencies, arrived) = (new ConcurrentDictionary<string, long>(), new Latencies(0), new Countdown());
        void Arrived(string placementId)
        {
            if (!due.TryRemove(placementId, out var begin)) return;
            latencies.Since(begin);
            arrived.Came();
        }

        await using var subscriber = new Subscribers(server, "municipalities");
        await subscriber.OpenAsync(1, received => Arrived(received.Subject));
        await rabbit.ConsumeAsync(Queue, body => Arrived(Encoding.ASCII.GetString(body.Span[..PlacementIdLength])), ackEvery: 1);

        async Task<Latencies> PacedAsync(Workload of, Func<Row, Task> send)
        {
            var rows = of.Take(perSecond * Seconds);
            latencies = new Latencies(rows.Length);
            var all = arrived.Expect(rows.Length);
            var sent = await Pacer.RunAsync(rows.Length, perSecond, (i, begin) =>
            {
                due[rows[i].PlacementId.ToString("D")] = begin;
                return send(rows[i]);
            });
            await Task.WhenAll(sent);
            await all.WaitAsync(TimeSpan.FromMinutes(1));
            return latencies;
        }

        var rounds = await Rounds.RunAsync(
            bench.Settings.Rounds,
            () => PacedAsync(workload, row => client.ReportPlacementAsync(Reporter.Request(row)).ResponseAsync),
            () => PacedAsync(peers, row => rabbit.PublishAsync("", Queue, Body(row)).AsTask()));
        foreach (var (share, bar, stretch) in bars)
        {
            bench.Results.Add(Result.Against(
                "B5 " + (share == 1 ? "max" : $"p{share * 100:0}") + row, $"report → subscriber at {perSecond}/s ÷ RabbitMQ.Client, publish → consume", "ms",
                rounds.Select(round => round.Ours.At(share)), rounds.Select(round => round.Peer.At(share)), perSecond == PerSecond ? bar : null, perSecond == PerSecond ? stretch : null, lowerIsBetter: true));
        }
    }

    private const int PlacementIdLength = 36;

    /// <summary>As long as the platform's own; the id stands in front, so that finding it costs nothing.</summary>
    private static ReadOnlyMemory<byte> Body(Row row) =>
        Encoding.ASCII.GetBytes(row.PlacementId.ToString("D").PadRight(BodyLength.Value));

    private static readonly Lazy<int> BodyLength = new(() => Workload.Bodies([new Row(Guid.NewGuid(), new Candidate(Guid.NewGuid(), Guid.NewGuid()), Workload.FirstDay)])[0].Length);
}
