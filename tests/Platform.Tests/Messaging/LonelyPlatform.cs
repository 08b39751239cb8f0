using BeschutWerk.Host;
using BeschutWerk.Platform.Tests.TelemetryTests;
using BeschutWerk.TestBroker;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>The services in processes of their own, on a broker of their own that a test may kill.</summary>
public sealed class LonelyPlatform(Broker broker) : SplitPlatform(broker)
{
    internal IOwnBroker Node { get; } = Broker.New();

    internal OtlpReceiver Collector { get; } = OtlpReceiver.StartAsync().GetAwaiter().GetResult();

    protected override PlatformOptions Configure(PlatformOptions options) => Collector.SentHere(base.Configure(options));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Node.DisposeAsync();
        await Collector.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task<string> BrokerAddressAsync()
    {
        await Node.StartAsync();
        return Node.Amqp.ToString();
    }
}
