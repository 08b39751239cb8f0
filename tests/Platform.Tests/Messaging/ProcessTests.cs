using BeschutWerk.Contracts.Insight;
using Grpc.Health.V1;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>A service whose broker or whose neighbours are away takes every write that it can decide, and says what is wrong.</summary>
public sealed class ProcessTests(LonelyPlatform platform) : IClassFixture<LonelyPlatform>
{
    [Fact]
    public async Task A_municipality_goes_on_while_the_others_and_the_broker_are_away()
    {
        await platform.AdvisedAsync();
        await platform.BecomesAsync(In2018("positive_advices"), "1");

        await platform.KillAsync("uwv");
        await platform.KillAsync("insight");
        await platform.Node.KillAsync();
        await BrokerTest.EventuallyAsync(async () => await platform.HealthAsync("municipalities", "rabbitmq") == HealthCheckResponse.Types.ServingStatus.NotServing, "the broker is said to be away");
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await platform.HealthAsync("municipalities"));
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
        await BrokerTest.EventuallyAsync(async () => await platform.HealthAsync("municipalities", "rabbitmq") == HealthCheckResponse.Types.ServingStatus.Serving, "the broker is said to be back");
    }
}

/// <summary>The services in processes of their own, on a broker of their own that a test may kill.</summary>
public sealed class LonelyPlatform(Broker broker) : SplitPlatform(broker)
{
    internal BrokerNode Node { get; } = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Node.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task<string> BrokerAddressAsync()
    {
        await Node.StartAsync();
        return Node.Amqp.ToString();
    }
}
