using BeschutWerk.Backbone.Events;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.Carriers.RabbitMq;

/// <summary>
/// The direct carrier: one connection of RabbitMQ.Client, with a channel to publish on and one for each service that follows
/// others.
/// </summary>
internal sealed class RabbitMqLine : BrokerLine
{
    private readonly IConnection _connection;
    private IChannel? _publishing;

    private RabbitMqLine(IConnection connection)
    {
        _connection = connection;
        Follow(connection);
    }

    /// <summary>Connects, declares the topology, and begins to consume.</summary>
    /// <param name="factory">How to connect; its time limits bound every step.</param>
    /// <param name="followers">The services of the process that follow others.</param>
    /// <param name="log">Where failures of deliveries are told.</param>
    public static async Task<BrokerLine> OpenAsync(
        ConnectionFactory factory, IReadOnlyList<ServiceRuntime> followers, ILogger log, CancellationToken cancel)
    {
        var line = new RabbitMqLine(await factory.CreateConnectionAsync(cancel));
        try
        {
            // Without the client's limiter, which begins to slow down long before its limit: the dispatcher bounds what is in flight.
            line._publishing = await line.ChannelAsync(
                new CreateChannelOptions(
                    publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                    outstandingPublisherConfirmationsRateLimiter: null),
                cancel);
            await line._publishing.DeclareEventsAsync(cancel);
            foreach (var follower in followers)
            {
                await line.ConsumeAsync(follower, log, cancel);
            }

            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask PublishAsync(string key, string id, byte[] body, CancellationToken cancel)
    {
        var properties = new BasicProperties { MessageId = id, ContentType = CloudEventJson.ContentType, Persistent = true };
        return _publishing!.BasicPublishAsync(Topology.Events, key, mandatory: false, properties, body, cancel);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await CloseAsync(_connection);
    }

    private async Task ConsumeAsync(ServiceRuntime follower, ILogger log, CancellationToken cancel)
    {
        var channel = await ChannelAsync(null, cancel);
        await channel.DeclareQueueAsync(follower.Name, follower.FollowsOthers, cancel);
        await channel.BasicQosAsync(0, Deliveries.Prefetch, global: false, cancel);
        var consumer = new DirectConsumer(channel, new Deliveries(follower, log, Ended), LoseAsync, Ended);
        var queue = Topology.QueueOf(follower.Name);
        try
        {
            await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await _connection.DeleteUnansweringAsync(queue, cancel);
            throw Topology.Unanswering(queue);
        }
    }

    private async Task<IChannel> ChannelAsync(CreateChannelOptions? options, CancellationToken cancel)
    {
        var channel = await _connection.CreateChannelAsync(options, cancel);
        Follow(channel);
        return channel;
    }
}
