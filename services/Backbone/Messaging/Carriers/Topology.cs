using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.Carriers;

/// <summary>
/// What stands on the broker: one topic exchange for all events, one quorum queue per consuming service, and behind each a
/// queue for deliveries that nobody could finish. <c>infra/README.md</c> tells it to operators and other AMQP clients.
/// </summary>
internal static class Topology
{
    /// <summary>
    /// Every event, under <c>&lt;service&gt;.&lt;event&gt;.&lt;GM code or platform&gt;</c>. One that only one service may see has the name
    /// of that service behind it, so that no binding of anybody else takes it.
    /// </summary>
    public const string Events = "beschutwerk.events";

    /// <summary>Deliveries that came back too often, under the name of the queue that they were in.</summary>
    public const string Dead = "beschutwerk.dead";

    /// <summary>
    /// Twice the starts after which our own count parks an event (Inbox), so that this one ends only what kills the process
    /// before it can count.
    /// </summary>
    public const int DeliveryLimit = 10;

    /// <summary>The queue of a service.</summary>
    public static string QueueOf(string service) => "beschutwerk." + service;

    /// <summary>Where its unfinished deliveries end.</summary>
    public static string DeadQueueOf(string service) => QueueOf(service) + ".dead";

    /// <summary>Under which key an event is published.</summary>
    public static string RoutingKeyOf(SourceKey source, CloudEvent published) =>
        $"{source.Service}.{EventTypes.NameOf(published.Type)}.{source.Origin?.Code ?? "platform"}"
        + (Audience.OnlyServiceOf(published) is { } only ? "." + only : "");

    /// <summary>What the queue of a service is bound to, of one service that it follows.</summary>
    public static IEnumerable<string> BindingKeysOf(string service, string producer) => EventTypes.All.Any(type => type.OnlyService == service || type.OnlyServiceWhere?.Service == service)
        ? [$"{producer}.*.*", $"{producer}.*.*.{service}"]
        : [$"{producer}.*.*"];

    /// <summary>Declares what everybody publishes to.</summary>
    public static Task DeclareEventsAsync(this IChannel channel, CancellationToken cancel) =>
        channel.ExchangeDeclareAsync(Events, ExchangeType.Topic, durable: true, cancellationToken: cancel);

    /// <summary>Declares the queue of a service and binds every service that it follows; before anything is consumed.</summary>
    public static async Task DeclareQueueAsync(this IChannel channel, string service, IEnumerable<string> followed, CancellationToken cancel)
    {
        var (queue, dead) = (QueueOf(service), DeadQueueOf(service));
        await channel.ExchangeDeclareAsync(Dead, ExchangeType.Direct, durable: true, cancellationToken: cancel);
        await DeclareQuorumAsync(channel, dead, [], cancel);
        await channel.QueueBindAsync(dead, Dead, queue, cancellationToken: cancel);
        // As arguments, not by policy: the same on every broker version, and part of the queue wherever it is made.
        await DeclareQuorumAsync(channel, queue, new()
        {
            ["x-delivery-limit"] = DeliveryLimit, ["x-dead-letter-exchange"] = Dead, ["x-dead-letter-routing-key"] = queue,
        }, cancel);
        foreach (var key in followed.SelectMany(producer => BindingKeysOf(service, producer)))
        {
            await channel.QueueBindAsync(queue, Events, key, cancellationToken: cancel);
        }
    }

    /// <summary>
    /// Deletes a queue that does not answer a consumer. When RabbitMQ is killed while it creates a quorum queue, that queue has no
    /// leader for ever and holds up every confirmation. What it held is read from the logs.
    /// </summary>
    public static async Task DeleteUnansweringAsync(this IConnection connection, string queue, CancellationToken cancel)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        await channel.QueueDeleteAsync(queue, cancellationToken: cancel);
    }

    /// <summary>What is told of such a queue.</summary>
    public static IOException Unanswering(string queue) => new($"Queue {queue} did not answer. It is deleted, and made anew.");

    private static Task DeclareQuorumAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancel)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancel);
    }
}
