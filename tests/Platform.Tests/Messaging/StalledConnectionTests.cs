using System.Diagnostics;
using BeschutWerk.Platform.Tests.TelemetryTests;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>Connections of the default carrier. Its second one is that of the bus.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class MassTransitStalledConnectionTests(Broker broker) : StalledConnectionTests(broker, MassTransit)
{
    [Fact]
    public Task The_connection_of_the_bus_is_made_anew_while_the_broker_answers_others() => IsMadeAnewAsync(passing: 1);
}

/// <summary>The connection of the direct carrier.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class DirectStalledConnectionTests(Broker broker) : StalledConnectionTests(broker, Direct);

/// <summary>A connection on which no answer comes while queues are declared: it is given up and made anew.</summary>
public abstract class StalledConnectionTests(Broker broker, string carrier) : BrokerTest(broker)
{
    /// <summary>Ten until it is given up, two for each connection to say goodbye, the rest to begin again.</summary>
    private const int MostSeconds = 20;

    [Fact]
    public Task It_is_made_anew_while_the_broker_answers_others() => IsMadeAnewAsync(passing: 0);

    /// <param name="passing">Connections that speak of the queue and pass, before the one that stalls.</param>
    protected async Task IsMadeAnewAsync(int passing)
    {
        await using var line = new StalledLine(Rabbit.Amqp, "beschutwerk.readers", passing);
        var host = await StartAsync(options => On(line.Address, options, carrier));
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
