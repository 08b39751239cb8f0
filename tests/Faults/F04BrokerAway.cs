using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Contracts.Backbone;
using Serving = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace BeschutWerk.Faults;

/// <summary>The broker is away for a while under load: reports are taken as fast as before, and what waited is applied soon after.</summary>
internal sealed class BrokerAway : Fault
{
    private const double Rate = 60;
    private const double LeastShare = 0.9;

    /// <summary>Taken at full speed, to compare; more of them would be what the consumers are still busy with afterwards.</summary>
    private const int Sample = 4_000;

    public override string Id => "F4";

    public override bool IsOfBroker => true;

    public override string What => "broker stopped under load";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        var outage = TimeSpan.FromSeconds(extent.Of(8, 60));
        var broken = new List<string>();
        scenery.Work(Rate);
        var before = await scenery.FullSpeedAsync(Sample, then: Rate);

        await scenery.Platform.Broker.KillAsync();
        var watch = Stopwatch.StartNew();
        await SaidToBeAwayAsync(scenery.Platform);
        var during = await scenery.FullSpeedAsync(Sample, then: Rate);
        if (outage > watch.Elapsed) await Task.Delay(outage - watch.Elapsed);
        var waiting = (await scenery.Platform.Operations.GetStatusAsync(new GetStatusRequest { Service = "swcompanies" })).Broker.Waiting;
        if (waiting == 0) broken.Add("no event is said to wait for a broker that is away");

        await scenery.Platform.Broker.StartAsync();
        var away = watch.Elapsed;
        watch.Restart();
        var backlog = scenery.Invariants.Logged();
        string? late = null;
        await Platform.Until(
            () => Task.FromResult((late = scenery.Invariants.NotApplied(backlog)) is null), 2 * away + TimeSpan.FromSeconds(60),
            () => $"what waited is applied: {late}; municipalities wrote {scenery.Platform.Services["municipalities"].Output}, insight {scenery.Platform.Services["insight"].Output}");
        var gone = watch.Elapsed;
        await SaidToBeBackAsync(scenery.Platform);
        await scenery.RestAsync();

        if (extent.Nightly && during < LeastShare * before) broken.Add($"reports were taken at {during / before:0.00} of the speed before");
        if (extent.Nightly && gone > 2 * away) broken.Add($"what waited was applied {gone.TotalSeconds:0} s after an outage of {away.TotalSeconds:0} s");
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"away for {away.TotalSeconds:0.0} s, {waiting} events waited; reports taken at {during / before:0.00} of the speed before ({before:0} → {during:0} a second); all applied {gone.TotalSeconds:0.0} s after it was back"),
            broken);
    }

    /// <summary>Waits until each service says that its broker is away, and that it takes writes all the same.</summary>
    internal static async Task SaidToBeAwayAsync(Platform platform)
    {
        foreach (var service in TestProcesses.SplitServices.Names)
        {
            await Platform.Until(
                async () => await platform.Services.HealthAsync(service, "rabbitmq") == Serving.NotServing && await platform.Services.HealthAsync(service) == Serving.Serving,
                TimeSpan.FromSeconds(60), () => $"{service} says that the broker is away and that it serves");
        }
    }

    /// <summary>Waits until each service says that its broker is back: until then events travel only by the logs, which would hide what comes next.</summary>
    internal static async Task SaidToBeBackAsync(Platform platform)
    {
        foreach (var service in TestProcesses.SplitServices.Names)
        {
            await Platform.Until(
                async () => await platform.Services.HealthAsync(service, "rabbitmq") == Serving.Serving,
                TimeSpan.FromSeconds(60), () => $"{service} says that the broker is back; it wrote {platform.Services[service].Output}");
        }
    }
}
