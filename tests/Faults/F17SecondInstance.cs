using System.Diagnostics;
using System.Globalization;
using BeschutWerk.TestProcesses;

namespace BeschutWerk.Faults;

/// <summary>A second process is started on the data of each service: it refuses with a sentence and touches nothing.</summary>
internal sealed class SecondInstance : Fault
{
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public override string Id => "F17";

    public override string What => "a second instance on one data folder";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var took = new Figures("s");
        var broken = new List<string>();
        var before = Files(scenery.Platform);
        foreach (var service in Enumerable.Repeat(SplitServices.Names, extent.Of(1, 10)).SelectMany(all => all))
        {
            var (second, arguments) = scenery.Platform.Services.Second(service);
            await using var _ = second;
            var watch = Stopwatch.StartNew();
            second.Start(arguments);
            var code = await second.ExitAsync(Longest);
            took.Add(watch.Elapsed.TotalSeconds);
            if (code != 1 || !second.Output.Contains("is in use by another process", StringComparison.Ordinal)) broken.Add($"the second {service} ended with {code}: {second.Output}");
        }

        broken.AddRange(Files(scenery.Platform).Except(before).Select(file => $"a second instance made {file}"));
        if (extent.Nightly && took.At(0.5) > Bar.TotalSeconds) broken.Add($"it took {took.At(0.5):0.0} s to refuse");
        return new Outcome(string.Create(CultureInfo.InvariantCulture, $"{took.Count} refusals; from start to the end of the process {took}"), broken);
    }

    private static List<string> Files(Platform platform) => [.. Directory.EnumerateFiles(platform.Folder, "*", SearchOption.AllDirectories)];
}
