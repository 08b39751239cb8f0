using System.Diagnostics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;

namespace BeschutWerk.Bench;

/// <summary>How long the server took for some rows, and what it spent.</summary>
internal sealed record Measured(int Rows, TimeSpan Time, TimeSpan ServerCpu, TimeSpan ClientCpu, long ServerAllocated)
{
    public double Rate => Rows / Time.TotalSeconds;
}

/// <summary>Reports rows to the platform over gRPC; every answer is read, and must say accepted.</summary>
internal sealed class Reporter(Server server)
{
    /// <summary>Items of one message of the stream, as the contract advises.</summary>
    private const int PerMessage = 100;

    private readonly PlacementService.PlacementServiceClient _client = ClientOf(server);

    public static PlacementService.PlacementServiceClient ClientOf(Server server) => new(server.As("company"));

    /// <summary>All rows over one bulk stream.</summary>
    public Task<Measured> BulkAsync(Row[] rows)
    {
        // Ready-made like the rows of the raw loop; serialising them is part of the time.
        var requests = rows.Chunk(PerMessage).Select(chunk => new ReportPlacementsRequest
        {
            Municipality = Workload.Municipality,
            Items = { chunk.Select(row => new PlacementItem { PlacementId = row.PlacementId.ToString("D"), Report = row.Report() }) },
        }).ToList();

        return MeasureAsync(rows.Length, async () =>
        {
            using var call = _client.ReportPlacements();
            var answering = ReadAsync(call.ResponseStream);
            var writing = WriteAsync(call.RequestStream);
            // Reading tells why, also when a write failed; and once nobody reads any more, a write waits for ever.
            await Task.WhenAny(writing, answering);
            if (await answering is var accepted && accepted != rows.Length) throw new InvalidOperationException($"{accepted} answers for {rows.Length} rows.");
            await writing;
        });

        async Task WriteAsync(IClientStreamWriter<ReportPlacementsRequest> stream)
        {
            foreach (var request in requests) await stream.WriteAsync(request);
            await stream.CompleteAsync();
        }

        static async Task<int> ReadAsync(IAsyncStreamReader<ReportPlacementsResponse> answers)
        {
            var accepted = 0;
            while (await answers.MoveNext(CancellationToken.None))
            {
                foreach (var answer in answers.Current.Answers)
                {
                    if (!answer.Accepted) throw new InvalidOperationException($"Refused: {answer.Refusal}.");
                    accepted++;
                }
            }

            return accepted;
        }
    }

    /// <summary>One row in a call.</summary>
    public static ReportPlacementRequest Request(Row row) => new() { Municipality = Workload.Municipality, RequestId = row.PlacementId.ToString("D"), Report = row.Report() };

    /// <summary>Each row in a call of its own, so many at a time.</summary>
    public Task<Measured> UnaryAsync(Row[] rows, int callers)
    {
        var requests = rows.Select(Request).ToList();
        var next = -1;

        return MeasureAsync(rows.Length, () => Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            // A refusal is an exception here, and ends the benchmark.
            while (Interlocked.Increment(ref next) is var i && i < requests.Count) await _client.ReportPlacementAsync(requests[i]);
        })));
    }

    private async Task<Measured> MeasureAsync(int rows, Func<Task> work)
    {
        var before = await server.StatusAsync();
        var (serverCpu, clientCpu) = (server.CpuTime, Environment.CpuUsage.TotalTime);
        var started = Stopwatch.GetTimestamp();
        await work();
        var time = Stopwatch.GetElapsedTime(started);
        (serverCpu, clientCpu) = (server.CpuTime - serverCpu, Environment.CpuUsage.TotalTime - clientCpu);
        var after = await server.StatusAsync();
        return new Measured(rows, time, serverCpu, clientCpu, after.Allocated - before.Allocated);
    }
}
