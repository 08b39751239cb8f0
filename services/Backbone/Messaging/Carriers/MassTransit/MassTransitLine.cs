using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.Carriers.MassTransit;

/// <summary>
/// The carrier on MassTransit: one bus, and beside it a connection of RabbitMQ.Client that declares the topology before the bus
/// starts and compares afterwards whether the bus makes progress. The bus never reconnects: a new line has a new bus.
/// </summary>
internal sealed class MassTransitLine : BrokerLine
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly ConnectionFactory _factory;
    private readonly IConnection _control;
    private readonly List<Endpoint> _endpoints = [];
    private IBusControl? _bus;
    private IConnection? _carrying;
    private Publishing? _publishing;
    private Task _looking = Task.CompletedTask;
    private int _connections;

    private MassTransitLine(ConnectionFactory factory, IConnection control)
    {
        (_factory, _control) = (factory, control);
        Follow(control);
    }

    /// <summary>Connects, declares the topology, and starts a bus.</summary>
    /// <param name="factory">How to connect; its time limits bound every step.</param>
    /// <param name="followers">The services of the process that follow others.</param>
    /// <param name="log">Where failures of deliveries are told.</param>
    public static async Task<BrokerLine> OpenAsync(
        ConnectionFactory factory, IReadOnlyList<ServiceRuntime> followers, ILogger log, CancellationToken cancel)
    {
        var line = new MassTransitLine(factory, await factory.CreateConnectionAsync(cancel));
        try
        {
            await line.StartAsync(followers, log, cancel);
            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask PublishAsync(string key, string id, byte[] body, CancellationToken cancel) =>
        new(_publishing!.PublishAsync(new EventMessage(key, id, body), cancel));

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _looking;
        if (_bus is not null)
        {
            // A bus that hangs is left behind without its connection. What it had not acknowledged is delivered again.
            await Task.WhenAny(StopAsync(_bus), Task.Delay(LongestClose));
        }

        if (_carrying is not null)
        {
            await CloseAsync(_carrying);
        }

        await CloseAsync(_control);
    }

    private static async Task StopAsync(IBusControl bus)
    {
        using var limit = new CancellationTokenSource(LongestClose);
        await bus.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StartAsync(IReadOnlyList<ServiceRuntime> followers, ILogger log, CancellationToken cancel)
    {
        var declaring = await _control.CreateChannelAsync(cancellationToken: cancel);
        Follow(declaring);
        await declaring.DeclareEventsAsync(cancel);
        foreach (var follower in followers)
        {
            await declaring.DeclareQueueAsync(follower.Name, follower.FollowsOthers, cancel);
            _endpoints.Add(new Endpoint(Topology.QueueOf(follower.Name), new Deliveries(follower, log, Ended), Ended));
        }

        // Not by AddMassTransit: that bus lives as long as the process, and it reports its usage to its makers.
        _bus = Bus.Factory.CreateUsingRabbitMq(Configure);
        _bus.ConnectSendObserver(new LostWithAnySend(this));
        var started = _bus.StartAsync(cancel);
        await Task.WhenAny(started, Lost, Task.Delay(LongestStart, cancel));
        if (Lost.IsCompleted)
        {
            throw new IOException(await Lost);
        }

        cancel.ThrowIfCancellationRequested();
        if (!started.IsCompleted)
        {
            throw new IOException("MassTransit does not start, though the broker answers.");
        }

        await started;
        _publishing = new Publishing(await _bus.GetSendEndpoint(new Uri($"exchange:{Topology.Events}?type=topic")), Ended);
        _looking = LookAsync(declaring);
    }

    private void Configure(IRabbitMqBusFactoryConfigurator rabbit)
    {
        rabbit.Host(_factory.HostName, (ushort)Math.Max(_factory.Endpoint.Port, 0), _factory.VirtualHost, host =>
        {
            host.PublisherConfirmation = true;
            host.Heartbeat(_factory.RequestedHeartbeat);
            host.ContinuationTimeout(_factory.ContinuationTimeout);
            host.RequestedConnectionTimeout(_factory.RequestedConnectionTimeout);
            host.OnRefreshConnectionFactory = ConnectingAsync;
        });
        foreach (var endpoint in _endpoints)
        {
            rabbit.ReceiveEndpoint(endpoint.Queue, configure =>
            {
                configure.ConfigureConsumeTopology = false;
                configure.PrefetchCount = Deliveries.Prefetch;
                // Deliveries of a channel are handed over one after the other. What takes time does not hold up the next: OrderedChannel.
                configure.ConcurrentMessageLimit = 1;
                configure.PublishFaults = false;
                configure.ConfigureChannel(channel => channel.UseFilter(new Joining(this)));
                configure.ConfigureReceive(receive => receive.UseFilter(endpoint));
                // MassTransit starts no endpoint without a consumer. This one is never called: Endpoint takes every message before it.
                configure.Handler<EventMessage>(_ => Task.CompletedTask);
            });
        }
    }

    /// <summary>MassTransit is about to connect: as the direct client does, certificates checked, and only once.</summary>
    private async Task ConnectingAsync(ConnectionFactory connecting)
    {
        if (Interlocked.Increment(ref _connections) > 1)
        {
            await LoseAsync("The connection of the bus was lost.");
            throw new IOException("A bus connects once; the next line has another.");
        }

        connecting.Uri = _factory.Uri;
        connecting.Ssl = _factory.Ssl;
        connecting.HandshakeContinuationTimeout = _factory.HandshakeContinuationTimeout;
        connecting.AutomaticRecoveryEnabled = false;
        connecting.TopologyRecoveryEnabled = false;
    }

    /// <summary>The bus got no answer when it wanted to consume: is it the queue, or only the connection of the bus?</summary>
    private async Task UnansweredAsync(string queue)
    {
        try
        {
            // It ends with its connection: to close a channel that waits for an answer takes as long as the answer.
            var channel = await _control.CreateChannelAsync(cancellationToken: Ended);
            await channel.BasicQosAsync(0, 1, global: false, Ended);
            await channel.BasicConsumeAsync(queue, autoAck: false, new AsyncDefaultBasicConsumer(channel), Ended);
            await LoseAsync("The connection of the bus does not answer.");
        }
        catch (OperationCanceledException) when (!Ended.IsCancellationRequested)
        {
            await _control.DeleteUnansweringAsync(queue, Ended);
            await LoseAsync(Topology.Unanswering(queue).Message);
        }
    }

    /// <summary>Loses the line when the bus makes no progress while the broker answers the other connection.</summary>
    private async Task LookAsync(IChannel asking)
    {
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(Ended))
            {
                foreach (var endpoint in _endpoints)
                {
                    var queue = await asking.QueueDeclarePassiveAsync(endpoint.Queue, Ended);
                    if (endpoint.IsStuck(queue.MessageCount, queue.ConsumerCount))
                    {
                        await LoseAsync($"The bus takes nothing from {endpoint.Queue}, though the broker answers.");
                    }
                }

                if (_publishing!.IsStuck(isBlocked: Blocked.Length > 0))
                {
                    await LoseAsync("The bus publishes nothing, though the broker answers.");
                }
            }
        }
        catch (Exception error)
        {
            // Lost or closed already, in most cases.
            await LoseAsync(error.Message);
        }
    }

    /// <summary>Puts our own channel between MassTransit and each channel that it consumes on.</summary>
    private sealed class Joining(MassTransitLine line) : IFilter<ChannelContext>
    {
        public Task Send(ChannelContext context, IPipe<ChannelContext> next)
        {
            line._carrying = context.ConnectionContext.Connection;
            line.Follow(line._carrying);
            line.Follow(context.Channel);
            return next.Send(new OrderedChannel(context, line.LoseAsync, line.UnansweredAsync, line.Ended));
        }

        public void Probe(ProbeContext context) => context.CreateScope(nameof(Joining));
    }

    /// <summary>MassTransit would try again by itself, and in another order.</summary>
    private sealed class LostWithAnySend(MassTransitLine line) : ISendObserver
    {
        public Task PreSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => line.LoseAsync(exception.Message);
    }
}
