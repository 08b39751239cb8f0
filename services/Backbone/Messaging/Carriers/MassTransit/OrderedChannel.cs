using MassTransit;
using MassTransit.Middleware;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BeschutWerk.Backbone.Messaging.Carriers.MassTransit;

/// <summary>
/// A channel of MassTransit that declares nothing, hands deliveries over in the order of the queue, and acknowledges in batches.
/// MassTransit would declare an exchange for each queue, and either wait for each message or mix up their order.
/// </summary>
/// <param name="inner">MassTransit's own.</param>
/// <param name="lose">Told why the channel is of no use any more.</param>
/// <param name="unanswered">Told the queue that did not answer a consumer.</param>
/// <param name="ended">The line is lost or closed: nothing is acknowledged any more.</param>
internal sealed class OrderedChannel(ChannelContext inner, Func<string, Task> lose, Func<string, Task> unanswered, CancellationToken ended)
    : ProxyPipeContext(inner), ChannelContext
{
    private readonly Acknowledgements _acknowledgements =
        new((upTo, multiple) => inner.BasicAck(upTo, multiple, CancellationToken.None), lose, ended);

    public IChannel Channel => inner.Channel;

    public ConnectionContext ConnectionContext => inner.ConnectionContext;

    public Task BasicPublishAsync(
        string exchange, string routingKey, bool mandatory, BasicProperties basicProperties, byte[] body, bool awaitAck,
        CancellationToken cancellationToken) =>
        inner.BasicPublishAsync(exchange, routingKey, mandatory, basicProperties, body, awaitAck, cancellationToken);

    public Task ExchangeBind(
        string destination, string source, string routingKey, IDictionary<string, object> arguments, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task ExchangeDeclare(
        string exchange, string type, bool durable, bool autoDelete, IDictionary<string, object> arguments,
        CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task ExchangeDeclarePassive(string exchange, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task QueueBind(
        string queue, string exchange, string routingKey, IDictionary<string, object> arguments, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task<QueueDeclareOk> QueueDeclare(
        string queue, bool durable, bool exclusive, bool autoDelete, IDictionary<string, object> arguments,
        CancellationToken cancellationToken) =>
        Task.FromResult(new QueueDeclareOk(queue, 0, 0));

    public Task<QueueDeclareOk> QueueDeclarePassive(string queue, CancellationToken cancellationToken) =>
        Task.FromResult(new QueueDeclareOk(queue, 0, 0));

    public Task<uint> QueuePurge(string queue, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nobody purges the queue of a service.");

    public Task BasicQos(uint prefetchSize, ushort prefetchCount, bool global, CancellationToken cancellationToken) =>
        inner.BasicQos(prefetchSize, prefetchCount, global, cancellationToken);

    public ValueTask BasicAck(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        _acknowledgements.Finish(deliveryTag);
        return ValueTask.CompletedTask;
    }

    /// <summary>MassTransit gives back what it could not hand over, which happens only when the line ends. RabbitMQ then does it.</summary>
    public Task BasicNack(ulong deliveryTag, bool multiple, bool requeue, CancellationToken cancellationToken) =>
        lose("A delivery failed inside MassTransit.");

    public async Task<string> BasicConsume(
        string queue, bool noAck, bool exclusive, IDictionary<string, object> arguments, IAsyncBasicConsumer consumer, string consumerTag,
        CancellationToken cancellationToken)
    {
        try
        {
            var ordered = new OrderedConsumer(consumer, _acknowledgements, lose);
            return await inner.BasicConsume(queue, noAck, exclusive, arguments, ordered, consumerTag, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await unanswered(queue);
            throw;
        }
    }

    public Task BasicCancel(string consumerTag, CancellationToken cancellationToken) => inner.BasicCancel(consumerTag, cancellationToken);

    public void NotifyFaulted(Exception exception, Uri inputAddress) => inner.NotifyFaulted(exception, inputAddress);

    /// <summary>
    /// Begins each delivery in the order of the queue, and does not wait for its end. RabbitMQ.Client calls it for one delivery at
    /// a time.
    /// </summary>
    private sealed class OrderedConsumer(IAsyncBasicConsumer inner, Acknowledgements acknowledgements, Func<string, Task> lose)
        : IAsyncBasicConsumer
    {
        public IChannel? Channel => inner.Channel;

        public Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            acknowledgements.Arrived(deliveryTag);
            // The memory is the client's again when this returns.
            _ = inner.HandleBasicDeliverAsync(
                consumerTag, deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray(), cancellationToken);
            return Task.CompletedTask;
        }

        public async Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            await lose("The broker ended the queue.");
            await inner.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }

        public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
            inner.HandleBasicCancelOkAsync(consumerTag, cancellationToken);

        public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
            inner.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);

        public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) =>
            inner.HandleChannelShutdownAsync(channel, reason);
    }
}
