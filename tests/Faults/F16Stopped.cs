using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Faults;

/// <summary>Services are stopped as an operator stops them while streams run: they answer what they stored, say that they stop, and are gone.</summary>
internal sealed class Stopped : Fault
{
    private const double Rate = 200;
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public override string Id => "F16";

    public override string What => "graceful stop (SIGTERM) during streams";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var random = new Random(extent.Seed);
        var took = new Figures("s");
        var broken = new List<string>();
        scenery.Work(Rate);
        for (var round = 0; round < extent.Of(4, 50); round++)
        {
            var service = round % 2 == 0 ? "swcompanies" : "municipalities";
            foreach (var reporter in scenery.Reporters) await reporter.AcknowledgedAfterAsync(reporter.Connection - 1, Longest);
            await Task.Delay(random.Next(300));
            var before = scenery.Reporters.Select(reporter => (reporter.Connection, Endings: reporter.Endings.Count())).ToList();
            var watch = Stopwatch.StartNew();
            var code = await scenery.Platform.Services[service].StopAsync(Longest);
            took.Add(watch.Elapsed.TotalSeconds);
            if (code != 0) broken.Add($"{service} ended with {code} when it was told to stop: {scenery.Platform.Services[service].Output}");
            await scenery.Platform.RestartAsync(service);
            if (service != "swcompanies") continue;
            foreach (var (reporter, (connection, endings)) in scenery.Reporters.Zip(before))
            {
                await reporter.AcknowledgedAfterAsync(connection, Longest);
                var ended = reporter.Endings.ElementAt(endings);
                if ((ended.Code, ended.Reason) != (StatusCode.Unavailable, ErrorReason.ServerShuttingDown)) broken.Add($"a stream ended with {ended.Code} ({ended.Reason}: {ended.Detail}) when its server was told to stop");
            }
        }

        await scenery.RestAsync();
        if (extent.Nightly && took.Max > Bar.TotalSeconds) broken.Add($"a stop took {took.Max:0.0} s");
        return new Outcome(string.Create(CultureInfo.InvariantCulture, $"{took.Count} stops; from SIGTERM to the end {took}"), broken);
    }
}
