using BeschutWerk.Contracts.Insight;
using Grpc.Health.V1;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>Processes on the default carrier.</summary>
public sealed class MassTransitProcessTests(LonelyPlatform platform) : ProcessTests(platform), IClassFixture<LonelyPlatform>;

/// <summary>Processes on the direct carrier.</summary>
public sealed class DirectProcessTests(DirectLonelyPlatform platform) : ProcessTests(platform), IClassFixture<DirectLonelyPlatform>;

/// <summary>A service whose broker or whose neighbours are away takes every write that it can decide, and says what is wrong.</summary>
public abstract class ProcessTests(LonelyPlatform platform)
{
    [Fact]
    public async Task A_municipality_goes_on_while_the_others_and_the_broker_are_away()
    {
        await platform.AdvisedAsync();
        await platform.BecomesAsync(In2018("positive_advices"), "1");

        await platform.KillAsync("uwv");
        await platform.KillAsync("insight");
        await platform.Node.KillAsync();
        await SaysAsync("rabbitmq", HealthCheckResponse.Types.ServingStatus.NotServing);
        await SaysAsync("uwv", HealthCheckResponse.Types.ServingStatus.NotServing);
        await SaysAsync("insight", HealthCheckResponse.Types.ServingStatus.NotServing);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await platform.HealthAsync("municipalities"));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await platform.HealthAsync("municipalities", "swcompanies"));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await platform.HealthAsync("municipalities", "identity"));
        await MeasuresAsync("beschutwerk.neighbour.reachable", "uwv", 0);
        await MeasuresAsync("beschutwerk.neighbour.reachable", "identity", 1);
        await MeasuresAsync("beschutwerk.broker.reachable", null, 0);
        var cases = new List<string>();
        for (var i = 0; i < 10; i++) cases.Add(await platform.OpenedAsync());

        platform.Start("insight");
        platform.Start("uwv");
        await platform.ServingAsync("uwv");
        await platform.ServingAsync("insight");
        // Calls need no broker; what came of them is waiting for it, or is read from the log of who told it.
        foreach (var one in cases) await platform.Cases().RequestAdviceAsync(Ask(one));
        await platform.Node.StartAsync();
        await BrokerTest.EventuallyAsync(async () => await platform.ValueAsync(In2018("advice_requests")) == "11", "Insight knows all requests");
        await SaysAsync("rabbitmq", HealthCheckResponse.Types.ServingStatus.Serving);
        await SaysAsync("uwv", HealthCheckResponse.Types.ServingStatus.Serving);
        await MeasuresAsync("beschutwerk.neighbour.reachable", "uwv", 1);
        await MeasuresAsync("beschutwerk.events.waiting", null, 0);
    }

    private Task SaysAsync(string of, HealthCheckResponse.Types.ServingStatus status) =>
        BrokerTest.EventuallyAsync(async () => await platform.HealthAsync("municipalities", of) == status, $"{of} is said to be {status}");

    /// <summary>Waits until what Municipalities measures has a value.</summary>
    private Task MeasuresAsync(string metric, string? neighbour, double value) => BrokerTest.EventuallyAsync(
        () => Task.FromResult(platform.Collector.Points.FindLast(point =>
            point.Metric == metric && point.Tags["service"] == "municipalities" && point.Tags.GetValueOrDefault("neighbour") == neighbour)?.Value == value), $"{metric} {neighbour} is {value}");
}
