using System.Diagnostics;
using BeschutWerk.Bench;

namespace BeschutWerk.Faults;

/// <summary>A platform at work: for each municipality a sw-company that reports, and the municipality that follows its feed.</summary>
internal sealed class Scenery : IAsyncDisposable
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWork = TimeSpan.FromSeconds(180);

    private Scenery(Platform platform, IEnumerable<Workload> workloads)
    {
        Platform = platform;
        Reporters = [.. Platform.Municipalities.Zip(workloads, (code, workload) => new Reporter(platform, code, workload))];
        Subscribers = [.. Platform.Municipalities.Select(code => new Subscriber(platform, code))];
        Invariants = new Invariants(platform, Reporters, Subscribers);
        foreach (var subscriber in Subscribers) subscriber.Start();
    }

    public Platform Platform { get; }

    public IReadOnlyList<Reporter> Reporters { get; }

    public IReadOnlyList<Subscriber> Subscribers { get; }

    public Invariants Invariants { get; }

    /// <summary>Ids that were acknowledged so far.</summary>
    public int Accepted => Reporters.Sum(reporter => reporter.AcceptedCount);

    public static async Task<Scenery> SetAsync(Platform platform, int candidates)
    {
        var workloads = new List<Workload>();
        foreach (var (index, code) in Platform.Municipalities.Index())
        {
            var scene = new Scene(party => platform.As(party == "municipality" ? code : party), code, firstPerson: 10_000_000 * (index + 1));
            workloads.Add(new Workload(await scene.SetAsync(candidates)));
        }

        return new Scenery(platform, workloads);
    }

    /// <summary>The companies report, so many placements a second each.</summary>
    public void Work(double rate)
    {
        foreach (var reporter in Reporters) reporter.Start(rate);
    }

    /// <summary>Changes how fast they report.</summary>
    public void At(double rate)
    {
        foreach (var reporter in Reporters) reporter.Rate = rate;
    }

    /// <summary>The companies report nothing new, and have every answer.</summary>
    public async Task FinishAsync()
    {
        foreach (var reporter in Reporters) await reporter.FinishAsync(LongestAnswer);
    }

    /// <summary>The same, and everybody who follows has it.</summary>
    public async Task RestAsync()
    {
        await FinishAsync();
        await Invariants.SettleAsync(LongestWork);
    }

    /// <summary>Acknowledgements a second, of all companies together, over so many placements at full speed.</summary>
    public async Task<double> FullSpeedAsync(int placements, double then)
    {
        var (before, watch) = (Accepted, Stopwatch.StartNew());
        At(double.PositiveInfinity);
        await Platform.Until(() => Task.FromResult(Accepted >= before + placements), LongestAnswer, () => $"{placements} placements are acknowledged");
        var rate = (Accepted - before) / watch.Elapsed.TotalSeconds;
        At(then);
        return rate;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reporter in Reporters) await reporter.DisposeAsync();
        foreach (var subscriber in Subscribers) await subscriber.DisposeAsync();
    }
}
