using System.Diagnostics;
using System.Globalization;

namespace BeschutWerk.Faults;

/// <summary>kill -9 of the intake at random instants under bulk load; the companies go on as soon as it is back.</summary>
internal sealed class KilledIntake : Fault
{
    private const double Rate = 200;
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(2);

    public override string Id => "F1";

    public override string What => "kill -9 of the intake at a random instant under bulk load";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var random = new Random(extent.Seed);
        var intake = scenery.Platform.Services["swcompanies"];
        var away = new Figures("s");
        scenery.Work(Rate);
        foreach (var reporter in scenery.Reporters) await reporter.AcknowledgedAfterAsync(reporter.Connection - 1, LongestAway);
        for (var kill = 0; kill < extent.Of(20, 1000); kill++)
        {
            await Task.Delay(random.Next(500));
            var before = scenery.Reporters.Select(reporter => reporter.Connection).ToList();
            var killed = Stopwatch.GetTimestamp();
            await intake.KillAsync();
            scenery.Platform.Services.Start("swcompanies");
            var back = await Task.WhenAll(scenery.Reporters.Zip(before, (reporter, connection) => reporter.AcknowledgedAfterAsync(connection, LongestAway)));
            away.Add(Stopwatch.GetElapsedTime(killed, back.Min()).TotalSeconds);
        }

        await scenery.RestAsync();
        var late = extent.Nightly && away.At(0.99) > Bar.TotalSeconds ? $"the first acknowledgement came after {away.At(0.99):0.00} s (p99)" : null;
        return new Outcome(string.Create(CultureInfo.InvariantCulture, $"{away.Count} kills; kill to first new acknowledgement {away}"), late is null ? [] : [late]);
    }
}
