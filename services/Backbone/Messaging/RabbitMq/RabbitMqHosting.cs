using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>Adds RabbitMQ to a process; the only folder that knows MassTransit.</summary>
internal static class RabbitMqHosting
{
    /// <summary>Name of its health, beside the overall health, which is that of the stores.</summary>
    public const string HealthName = "rabbitmq";

    /// <summary>Adds the transport, its bus and its health.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="address">Such as <c>amqp://user:password@host:5672/vhost</c>.</param>
    public static void AddRabbitMq(this IHostApplicationBuilder builder, string address)
    {
        var broker = Parse(address);
        builder.Services.AddSingleton<EventTransport>(services => new RabbitMqTransport(services));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            // Its own check calls a bus degraded that has lost its broker, and degraded still serves: ours stands beside it.
            bus.ConfigureHealthCheckOptions(health => health.Tags.Clear());
            bus.UsingRabbitMq((context, rabbit) => Configure(context, rabbit, broker));
        });
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>(HealthName, tags: [HealthName]);
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit, Uri broker)
    {
        rabbit.Host(broker.Host, (ushort)(broker.Port > 0 ? broker.Port : 5672), VirtualHostOf(broker), host =>
        {
            var user = broker.UserInfo.Split(':', 2);
            host.Username(Uri.UnescapeDataString(user[0]));
            host.Password(Uri.UnescapeDataString(user[^1]));
            host.PublisherConfirmation = true;
            if (broker.Scheme == "amqps") host.UseSsl(ssl => ssl.ServerName = broker.Host);
        });

        var raw = new RawBodies();
        rabbit.ClearSerialization();
        rabbit.AddSerializer(raw);
        rabbit.AddDeserializer(raw, isDefault: true);
        var log = context.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Deliveries");
        var transport = (RabbitMqTransport)context.GetRequiredService<EventTransport>();
        foreach (var runtime in context.GetRequiredService<ServiceRuntimes>().All)
        {
            var followed = runtime.Inboxes.SelectMany(inbox => inbox.Followed).Where(name => name != runtime.Name).Distinct().ToList();
            if (followed.Count == 0) continue;
            var deliveries = new Deliveries(runtime, transport, log);
            rabbit.ReceiveEndpoint(Topology.QueueOf(runtime.Name), endpoint =>
            {
                endpoint.Declare(runtime.Name, followed);
                endpoint.ConnectReceiveEndpointObserver(deliveries);
                endpoint.Handler<BrokerBody>(deliveries.HandleAsync);
            });
        }
    }

    private static Uri Parse(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var broker) && broker.Scheme is "amqp" or "amqps" && broker.UserInfo.Contains(':', StringComparison.Ordinal)
            ? broker
            : throw new InvalidOperationException("Messaging__RabbitMq is no broker's address. Write amqp://user:password@host:5672/vhost.");

    private static string VirtualHostOf(Uri broker) => broker.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : "/";

    private sealed class BrokerHealth(IBusControl bus) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var health = bus.CheckHealth();
            return Task.FromResult(health.Status == BusHealthStatus.Healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(health.Description));
        }
    }
}
