using BeschutWerk.Platform.Tests.Insight;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>The flow from call to figure with RabbitMQ between the services: the same results.</summary>
public sealed class FlowOverRabbitTests(RabbitPlatform platform) : FigureFlow(platform), IClassFixture<RabbitPlatform>;

/// <summary>The same with every service in a process of its own, all of them killed and started again on the way.</summary>
public sealed class FlowBetweenProcessesTests(SplitPlatform platform) : FigureFlow(platform), IClassFixture<SplitPlatform>;

/// <summary>All services in this process, with RabbitMQ between them.</summary>
public sealed class RabbitPlatform(Broker broker) : InsightPlatform
{
    private VirtualHost? _rabbit;

    internal VirtualHost Rabbit => _rabbit!;

    protected override async Task StartAsync()
    {
        _rabbit ??= await broker.NewHostAsync();
        Options = Options with { Settings = new Dictionary<string, string?>(Options.Settings) { ["Messaging:RabbitMq"] = _rabbit.Amqp.ToString() } };
        await base.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_rabbit is not null) await _rabbit.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
