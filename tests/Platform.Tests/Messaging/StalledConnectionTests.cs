using System.Diagnostics;
using BeschutWerk.Platform.Tests.TelemetryTests;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>A connection on which no answer comes while queues are declared: it is given up and made anew.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class StalledConnectionTests(Broker broker) : BrokerTest(broker)
{
    /// <summary>Ten until it is given up, two to say goodbye, the rest to begin again.</summary>
    private const int MostSeconds = 18;

    [Fact]
    public async Task It_is_made_anew_while_the_broker_answers_others()
    {
        await using var line = new StalledLine(Rabbit.Amqp, "beschutwerk.readers");
        var host = await StartAsync(options => On(line.Address, options));
        var watch = Stopwatch.StartNew();
        var tenant = await host.RegisterAsync(Amsterdam);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => host.AddAsync(tenant, $"note {i}")));
        await EventuallyAsync(() => Task.FromResult(line.HasStalled), "the connection stalls");
        await EventuallyAsync(() => Task.FromResult(GaugeTests.Value(host, "beschutwerk.broker.reachable", "municipalities") == 1), "the broker is reached");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, MostSeconds);

        await SeenAsync(host, tenant, 20);
        await EventuallyAsync(() => Task.FromResult(host.Notes.Feed(tenant).Published().Sequence == 20), "the broker confirmed all");
        await host.DisposeAsync();
    }
}
