using BeschutWerk.Backbone.Events;
using BeschutWerk.Contracts.Backbone;
using MassTransit;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>
/// What stands on the broker: one topic exchange for all events, one quorum queue per consuming service, and behind each a
/// queue for deliveries that nobody could finish. <c>infra/README.md</c> tells it to operators and other AMQP clients.
/// </summary>
internal static class Topology
{
    /// <summary>Every event, under <c>&lt;service&gt;.&lt;event&gt;.&lt;GM code or platform&gt;</c>.</summary>
    public const string Events = "beschutwerk.events";

    /// <summary>Deliveries that came back too often, under the name of the queue that they were in.</summary>
    public const string Dead = "beschutwerk.dead";

    /// <summary>
    /// Twice the starts after which our own count parks an event (Inbox), so that this one ends only what kills the process
    /// before it can count.
    /// </summary>
    public const int DeliveryLimit = 10;

    /// <summary>
    /// A few commits' worth: what arrives together is committed together, and what waits here is not lost to others. With 1,000, an
    /// event alone costs a quarter less (B4 b), and is a millisecond and more longer on its way (B5).
    /// </summary>
    public const int Prefetch = 64;

    /// <summary>The queue of a service.</summary>
    public static string QueueOf(string service) => "beschutwerk." + service;

    /// <summary>Where its unfinished deliveries end.</summary>
    public static string DeadQueueOf(string service) => QueueOf(service) + ".dead";

    /// <summary>Under which key an event is published.</summary>
    public static string RoutingKeyOf(SourceKey source, CloudEvent published) =>
        $"{source.Service}.{EventTypes.NameOf(published.Type)}.{source.Origin?.Code ?? "platform"}";

    /// <summary>Declares the queue of a service and binds every service that it follows; before anything is consumed.</summary>
    public static void Declare(this IRabbitMqReceiveEndpointConfigurator endpoint, string service, IEnumerable<string> followed)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = Prefetch;
        endpoint.ConcurrentMessageLimit = Prefetch;
        // As arguments, not by policy: the same on every broker version, and part of the queue wherever it is made.
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
        endpoint.BindDeadLetterQueue(Dead, DeadQueueOf(service), dead =>
        {
            dead.ExchangeType = "direct";
            dead.RoutingKey = QueueOf(service);
            dead.SetQuorumQueue();
        });
        endpoint.SetQueueArgument("x-dead-letter-routing-key", QueueOf(service));
        foreach (var producer in followed)
        {
            endpoint.Bind(Events, binding =>
            {
                binding.ExchangeType = "topic";
                binding.RoutingKey = producer + ".*.*";
            });
        }
    }
}
