using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.Carriers.RabbitMq;

/// <summary>Hands the deliveries of one channel to one service, in the order of the queue.</summary>
/// <param name="channel">Its own.</param>
/// <param name="deliveries">Takes them.</param>
/// <param name="lose">Told why the channel is of no use any more.</param>
/// <param name="ended">The line is lost or closed.</param>
internal sealed class DirectConsumer(IChannel channel, Deliveries deliveries, Func<string, Task> lose, CancellationToken ended)
    : AsyncDefaultBasicConsumer(channel)
{
    private readonly Acknowledgements _acknowledgements =
        new((upTo, multiple) => channel.BasicAckAsync(upTo, multiple, CancellationToken.None), lose, ended);

    /// <inheritdoc/>
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        _acknowledgements.Arrived(deliveryTag);
        deliveries.Take(body, () => _acknowledgements.Finish(deliveryTag));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) =>
        lose("The broker ended the queue.");
}
