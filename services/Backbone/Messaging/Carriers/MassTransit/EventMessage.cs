using System.Net.Mime;
using BeschutWerk.Backbone.Events;
using MassTransit;
using MassTransit.Serialization;

namespace BeschutWerk.Backbone.Messaging.Carriers.MassTransit;

/// <summary>One event on its way to the broker: its body is sent as it is, without MassTransit's envelope and headers.</summary>
/// <param name="key">Its routing key.</param>
/// <param name="id">Its message id.</param>
/// <param name="body">The CloudEvent as JSON.</param>
internal sealed class EventMessage(string key, string id, byte[] body) : IPipe<SendContext<EventMessage>>
{
    /// <summary>Sets what stands on the message beside its body.</summary>
    public Task Send(SendContext<EventMessage> context)
    {
        context.Serializer = RawBody.Only;
        context.ContentType = RawBody.Only.ContentType;
        context.Durable = true;
        // As text: MassTransit knows only ids that it could have made.
        context.MessageId = null;
        context.GetPayload<RabbitMqSendContext>().BasicProperties.MessageId = id;
        context.SetRoutingKey(key);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateScope(nameof(EventMessage));

    private sealed class RawBody : IMessageSerializer
    {
        public static RawBody Only { get; } = new();

        public ContentType ContentType { get; } = new(CloudEventJson.ContentType);

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => context.Message is EventMessage message
            ? new BytesMessageBody(message.Bytes)
            : throw new NotSupportedException($"Only events are sent, not {typeof(T).Name}.");
    }

    private byte[] Bytes => body;
}
