using BeschutWerk.Host;
using BeschutWerk.Platform.Tests.TelemetryTests;
using BeschutWerk.TestBroker;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>The services in processes of their own, on a broker of their own that a test may kill.</summary>
public class LonelyPlatform(Broker broker) : SplitPlatform(broker)
{
    /// <summary>Between the services.</summary>
    protected virtual string Carrier => BrokerTest.MassTransit;

    internal IOwnBroker Node { get; } = Broker.New();

    internal OtlpReceiver Collector { get; } = OtlpReceiver.StartAsync().GetAwaiter().GetResult();

    protected override PlatformOptions Configure(PlatformOptions options) => Collector.SentHere(OnCarrier(base.Configure(options)));

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

    private PlatformOptions OnCarrier(PlatformOptions options) =>
        options with { Settings = new Dictionary<string, string?>(options.Settings) { ["Messaging:Carrier"] = Carrier } };
}

/// <summary>The same on the direct carrier.</summary>
public sealed class DirectLonelyPlatform(Broker broker) : LonelyPlatform(broker)
{
    /// <inheritdoc/>
    protected override string Carrier => BrokerTest.Direct;
}
