using System.Globalization;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Net.Client;

namespace BeschutWerk.Faults;

/// <summary>
/// Subscribers that never read, that read an event a second, that hang up ten times a second and that resume from anywhere:
/// the server's memory is bounded, and a resume gives the next event, never a gap.
/// </summary>
internal sealed class Subscribers : Fault
{
    private const double Rate = 150;
    private const int SideBySide = 8;

    /// <summary>What the connection and the server's own buffers may hold of each, and as much again for what the load itself leaves to collect.</summary>
    private const long MostPerSilent = 1024 * 1024;

    public override string Id => "F10";

    public override string What => "subscribers that never read, read slowly, hang up and resume anywhere";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var broken = new List<string>();
        var (platform, municipality) = (scenery.Platform, Platform.Municipalities[0]);
        var resumes = await ResumeAsync(platform, municipality, extent, broken);

        var server = platform.Services["municipalities"];
        var silent = await SilentAsync(platform, municipality, extent.Of(20, 200));
        var before = server.Memory;
        await using var restless = new Subscriber(platform, municipality) { HangsUpAfter = TimeSpan.FromMilliseconds(100) };
        restless.Start();
        scenery.Work(Rate);
        var slow = await ReadSlowlyAsync(platform, municipality, extent.Of(4, 30), broken);
        await scenery.FinishAsync();
        await scenery.Invariants.SettleAsync(TimeSpan.FromSeconds(180));
        var all = scenery.Subscribers[0].Count;
        await Platform.Until(() => Task.FromResult(restless.Count >= all), TimeSpan.FromSeconds(60), () => $"who hangs up has {restless.Count} of {all} events");
        broken.AddRange(restless.Broken);
        var grown = server.Memory - before;
        foreach (var (channel, call) in silent)
        {
            call.Dispose();
            channel.Dispose();
        }

        if (extent.Nightly && grown > silent.Count * MostPerSilent) broken.Add($"{silent.Count} silent subscribers cost {grown / 1024 / 1024} MiB");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{resumes} resumes; {silent.Count} silent ones and {restless.Connections} hang-ups over {all} events, server {grown / 1024.0 / 1024:0} MiB larger; slow one {slow} events"),
            broken);
    }

    private static async Task<int> ResumeAsync(Platform platform, string municipality, Extent extent, List<string> broken)
    {
        var (channel, calls) = platform.Connect("municipalities", municipality);
        using var _ = channel;
        var feed = new EventService.EventServiceClient(calls);
        var told = new List<(string Token, string EventId)> { ("", "") };
        using (var all = feed.Subscribe(new SubscribeRequest { Municipality = municipality }))
        {
            while (await all.ResponseStream.MoveNext(CancellationToken.None) && all.ResponseStream.Current.CaughtUp is null)
            {
                if (all.ResponseStream.Current.Event is { } got) told.Add((all.ResponseStream.Current.ResumeToken, got.Id));
            }
        }

        var random = new Random(extent.Seed);
        var starts = Enumerable.Range(0, extent.Of(500, 10_000)).Select(_ => random.Next(told.Count - 1)).ToList();
        await Parallel.ForEachAsync(starts, new ParallelOptions { MaxDegreeOfParallelism = SideBySide }, async (start, cancel) =>
        {
            using var call = feed.Subscribe(new SubscribeRequest { Municipality = municipality, After = told[start].Token }, cancellationToken: cancel);
            var next = await NextAsync(call, cancel);
            if (next.Id == told[start + 1].EventId) return;
            lock (broken) broken.Add($"(b) resumed after {told[start].EventId}, the feed of {municipality} told {next.Id}");
        });
        return starts.Count;
    }

    private static async Task<List<(GrpcChannel Channel, AsyncServerStreamingCall<SubscribeResponse> Call)>> SilentAsync(Platform platform, string municipality, int count)
    {
        var silent = new List<(GrpcChannel, AsyncServerStreamingCall<SubscribeResponse>)>();
        for (var i = 0; i < count; i++)
        {
            // Each over a connection of its own, whose window it fills.
            var (channel, calls) = platform.Connect("municipalities", municipality);
            var call = new EventService.EventServiceClient(calls).Subscribe(new SubscribeRequest { Municipality = municipality });
            await call.ResponseHeadersAsync;
            silent.Add((channel, call));
        }

        return silent;
    }

    private static async Task<int> ReadSlowlyAsync(Platform platform, string municipality, int count, List<string> broken)
    {
        var (channel, calls) = platform.Connect("municipalities", municipality);
        using var _ = channel;
        using var call = new EventService.EventServiceClient(calls).Subscribe(new SubscribeRequest { Municipality = municipality });
        var last = new Dictionary<string, long>();
        for (var read = 0; read < count; read++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var next = await NextAsync(call, CancellationToken.None);
            if (next.Sequence != last.GetValueOrDefault(next.Source) + 1) broken.Add($"(b, c) a slow subscriber was told {next.Sequence} of {next.Source}");
            last[next.Source] = next.Sequence;
        }

        return count;
    }

    private static async Task<CloudEvent> NextAsync(AsyncServerStreamingCall<SubscribeResponse> call, CancellationToken cancel)
    {
        while (await call.ResponseStream.MoveNext(cancel))
        {
            if (call.ResponseStream.Current.Event is { } got) return got;
        }

        throw new InvalidOperationException("The feed ended.");
    }
}
