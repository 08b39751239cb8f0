using System.Diagnostics;
using System.Globalization;

namespace BeschutWerk.Faults;

/// <summary>
/// Processes kill themselves at each step between a call and its last effect, producers and consumers side by side, and are
/// started again at once with the next point.
/// </summary>
internal sealed class EveryStep : Fault
{
    private const double Rate = 60;
    private const int Killed = 137; // 128 + SIGKILL
    private static readonly TimeSpan LongestUntilReached = TimeSpan.FromSeconds(60);

    private static readonly string[] Producer =
    [
        "before-commit", // nothing happened; the company reports again
        "after-commit", // stored, not answered; the same id is stored once
        "before-wake", // stored, and the dispatcher not told: the next start looks
        "after-wake", // told, not answered
        "before-publish", // read from the log, not handed to the broker
        "after-publish", // handed to the broker, not confirmed
        "after-confirm", // confirmed, not remembered: published again, applied once
    ];

    private static readonly string[] Consumer =
    [
        "delivered", // the broker delivers it again, or the log is read
        "before-applied-commit", // the same
        "after-applied-commit", // applied, not acknowledged: delivered again and ignored
        "before-ack", // the same
    ];

    public override string Id => "F2";

    public override bool IsOfBroker => true;

    public override string What => "kill -9 at each step of the flow";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var each = extent.Shared(8, 50);
        var watch = Stopwatch.StartNew();
        scenery.Work(Rate);
        List<Task> loops = [LoopAsync(scenery.Platform, "swcompanies", Producer, each, extent.Seed), LoopAsync(scenery.Platform, "municipalities", Consumer, each, extent.Seed + 1)];
        if (extent.Nightly) loops.Add(LoopAsync(scenery.Platform, "insight", Consumer, each, extent.Seed + 2));
        var ended = Task.WhenAll(loops);
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // All of them: a consumer waits in vain for a producer that does not go on.
        if (ended.Exception is { } failed) throw new InvalidOperationException($"{failed.InnerExceptions.Count} of {loops.Count} failed; {scenery.Invariants.Waiting()}", failed);
        var killing = watch.Elapsed;
        await scenery.RestAsync();
        var points = Producer.Length + (loops.Count - 1) * Consumer.Length;
        return new Outcome(string.Create(CultureInfo.InvariantCulture, $"{points} steps × {each} = {points * each} kills in {killing.TotalSeconds:0} s"), []);
    }

    private static async Task LoopAsync(Platform platform, string service, string[] points, int each, int seed)
    {
        var random = new Random(seed);
        await platform.Services[service].KillAsync();
        foreach (var point in Enumerable.Repeat(points, each).SelectMany(all => all))
        {
            // Not at its first time: five starts that get past nothing park the event that each began with.
            var failPoint = $"{point}:{random.Next(3, 9)}";
            platform.Services.Start(service, failPoint);
            try
            {
                var code = await platform.Services[service].ExitAsync(LongestUntilReached);
                if (code != Killed) throw new InvalidOperationException($"{service} ended with {code} instead of dying at {failPoint}.");
            }
            catch (TimeoutException late)
            {
                throw new TimeoutException($"{service} did not come to {failPoint} at {DateTime.UtcNow:T}.", late);
            }
        }

        await platform.RestartAsync(service);
    }
}
