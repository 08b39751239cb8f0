using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Platform.Tests.TelemetryTests;
using BeschutWerk.TestBroker;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>Losses under the default carrier.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class MassTransitLossTests() : LossTests(BrokerTest.MassTransit);

/// <summary>Losses under the direct carrier.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class DirectLossTests() : LossTests(BrokerTest.Direct);

/// <summary>A broker that is away, that dies, or that forgets everything costs time, never an event.</summary>
public abstract class LossTests(string carrier) : NotesTest
{
    private readonly IOwnBroker _broker = Broker.New();

    public override async ValueTask InitializeAsync() => await _broker.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _broker.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Writes_go_on_while_the_broker_is_away_and_nothing_is_lost_also_when_its_disk_is(bool wiped)
    {
        var host = await StartAsync(options => BrokerTest.On(_broker.Amqp, options, carrier));
        var tenants = new List<TenantId>();
        foreach (var code in new[] { Amsterdam, "GM0599", "GM0344" }) tenants.Add(await host.RegisterAsync(code));
        await WriteAsync(host, tenants, 100);

        await _broker.KillAsync();
        if (wiped) _broker.Wipe();
        await WriteAsync(host, tenants, 200);
        await BrokerTest.EventuallyAsync(() => Task.FromResult(GaugeTests.Value(host, "beschutwerk.broker.reachable", "municipalities") == 0), "the broker is said to be away");
        // All that came since, and perhaps some that it took but did not confirm.
        await Eventually(() => GaugeTests.Value(host, "beschutwerk.events.waiting", "municipalities") is >= 600 and < 904, "the events are said to wait");
        await Eventually(() => GaugeTests.Value(host, "beschutwerk.events.waiting.oldest", "municipalities") > 0, "the oldest waits since a second");
        await _broker.StartAsync();
        await WriteAsync(host, tenants, 50);
        foreach (var tenant in tenants)
        {
            await BrokerTest.EventuallyAsync(() => Task.FromResult(host.Seen(tenant).Count >= 350), () => $"350 events of {tenant} are applied, but {host.Seen(tenant).Count}; waiting {GaugeTests.Value(host, "beschutwerk.events.waiting", "municipalities")}, reachable {GaugeTests.Value(host, "beschutwerk.broker.reachable", "municipalities")}");
            await NotesTest.SeenAsync(host, tenant, 350);
        }

        await BrokerTest.EventuallyAsync(() => Task.FromResult(GaugeTests.Value(host, "beschutwerk.events.waiting", "municipalities") == 0),
            () => $"nothing waits, but {GaugeTests.Value(host, "beschutwerk.events.waiting", "municipalities")}; fault: {host.Services.GetRequiredService<EventTransport>().Broker("municipalities")!.Fault}");
        Assert.Equal(0, GaugeTests.Value(host, "beschutwerk.events.waiting.oldest", "municipalities"));
        // Events may be read from the logs before the broker delivers again.
        await BrokerTest.EventuallyAsync(() => Task.FromResult(GaugeTests.Value(host, "beschutwerk.broker.reachable", "municipalities") == 1), "the broker is said to be back");
    }

    [Fact]
    public async Task Services_that_start_without_a_broker_take_writes_and_find_it_later()
    {
        await _broker.KillAsync();
        var host = await StartAsync(options => BrokerTest.On(_broker.Amqp, options, carrier));
        var tenant = await host.RegisterAsync(Amsterdam);
        await WriteAsync(host, [tenant], 20);
        await host.DisposeAsync();

        // A process that published nothing died: the next one looks through the stores.
        host = await StartAsync();
        await WriteAsync(host, [tenant], 20);
        await _broker.StartAsync();
        await BrokerTest.EventuallyAsync(() => Task.FromResult(host.Seen(tenant).Count >= 40), "40 events are applied");
        await NotesTest.SeenAsync(host, tenant, 40);
        await BrokerTest.EventuallyAsync(() => Task.FromResult(host.Notes.Feed(tenant).Published().Sequence == 40), "the store remembers what the broker confirmed");
    }

    [Fact]
    public async Task A_queue_that_came_out_of_a_crash_without_a_leader_is_made_anew()
    {
        // RabbitMQ killed while it makes a quorum queue; not every kill finds the instant, and one through Docker comes too late.
        var answers = await AnswersAsync();
        for (var tries = 0; answers && _broker is BrokerNode && tries < 10; tries++)
        {
            await using var connection = await ConnectAsync();
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
            await channel.QueueDeleteAsync(Topology.QueueOf("readers"), cancellationToken: Cancel);
            var declared = channel.DeclareQueueAsync("readers", ["municipalities"], Cancel);
            await _broker.KillAsync();
            await Task.WhenAny(declared);
            await _broker.StartAsync();
            answers = await AnswersAsync();
        }

        Assert.False(answers && _broker is BrokerNode, "This RabbitMQ makes no queue without a leader: what the lines do against it is tried by nobody.");

        var host = await StartAsync(options => BrokerTest.On(_broker.Amqp, options, carrier));
        var tenant = await host.RegisterAsync(Amsterdam);
        await WriteAsync(host, [tenant], 20);
        await BrokerTest.EventuallyAsync(() => Task.FromResult(host.Notes.Feed(tenant).Published().Sequence == 20), "the broker confirmed all");
        await NotesTest.SeenAsync(host, tenant, 20);
    }

    private Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { Uri = _broker.Amqp, AutomaticRecoveryEnabled = false, ContinuationTimeout = TimeSpan.FromSeconds(3) }.CreateConnectionAsync(Cancel);

    private async Task<bool> AnswersAsync()
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.DeclareEventsAsync(Cancel);
        await channel.DeclareQueueAsync("readers", ["municipalities"], Cancel);
        try
        {
            await channel.BasicConsumeAsync(Topology.QueueOf("readers"), autoAck: false, new AsyncDefaultBasicConsumer(channel), Cancel);
            return true;
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Task WriteAsync(NotesHost host, List<TenantId> tenants, int each) =>
        Task.WhenAll(tenants.SelectMany(tenant => Enumerable.Range(0, each).Select(i => host.AddAsync(tenant, $"note {i}"))));
}
