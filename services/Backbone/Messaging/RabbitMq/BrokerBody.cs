using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using BeschutWerk.Backbone.Events;
using MassTransit;
using MassTransit.Serialization;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>A message of the broker: the bytes of one CloudEvent, or whatever else somebody put there.</summary>
/// <param name="Bytes">The body as it is, without a wrapper.</param>
internal sealed record BrokerBody(byte[] Bytes);

/// <summary>Lets bodies through as they are, so that any AMQP client reads and writes the same messages.</summary>
internal sealed class RawBodies : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    public ContentType ContentType { get; } = new(CloudEventJson.ContentType);

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => context.Message is BrokerBody body
        ? new BytesMessageBody(body.Bytes)
        : throw new NotSupportedException($"Only events go to the broker, not {typeof(T).Name}.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        new Context(this, body, new RawMessageContext(headers, destinationAddress, RawSerializerOptions.AnyMessageType));

    public void Probe(ProbeContext context) => context.CreateScope("raw").Add("contentType", ContentType.MediaType);

    private sealed class Context(RawBodies bodies, MessageBody body, MessageContext message)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, message, [MessageUrn.ForTypeString<BrokerBody>()])
    {
        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message) where T : class
        {
            message = TryGetMessage(typeof(T), out var found) ? (T)found : null;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
        {
            message = messageType == typeof(BrokerBody) ? new BrokerBody(body.GetBytes()) : null;
            return message is not null;
        }

        public override IMessageSerializer GetMessageSerializer() => bodies;

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) where T : class => bodies;

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => bodies;

        public override Dictionary<string, object> ToDictionary<T>(T? message) where T : class => [];
    }
}
