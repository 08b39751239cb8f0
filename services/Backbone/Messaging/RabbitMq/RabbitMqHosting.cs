using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>Adds RabbitMQ to a process; the only folder that knows MassTransit.</summary>
internal static class RabbitMqHosting
{
    /// <summary>Name of its health, beside the overall health, which is that of the stores.</summary>
    public const string HealthName = "rabbitmq";

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(3);

    /// <summary>Adds the transport, its bus and its health.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="address">Such as <c>amqp://user:password@host:5672/vhost</c>.</param>
    public static void AddRabbitMq(this IHostApplicationBuilder builder, string address)
    {
        var broker = Parse(address);
        builder.Services.AddSingleton(services => new RabbitMqTransport(services, transport => Bus(services, transport, broker)));
        builder.Services.AddSingleton<EventTransport>(services => services.GetRequiredService<RabbitMqTransport>());
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>(HealthName, tags: [HealthName]);
    }

    private static RenewedBus Bus(IServiceProvider services, RabbitMqTransport transport, Uri broker)
    {
        var logs = services.GetRequiredService<ILoggerFactory>();
        LogContext.ConfigureCurrentLogContext(logs);
        return new RenewedBus(
            // Not by AddMassTransit, whose bus lives as long as the process, and which reports usage unless it is told not to.
            () => MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit => Configure(rabbit, broker, services.GetRequiredService<ServiceRuntimes>(), transport, logs)),
            new Uri($"exchange:{Topology.Events}?type=topic"),
            stop => AnswersAsync(broker, stop),
            logs.CreateLogger("BeschutWerk.Broker"));
    }

    private static void Configure(IRabbitMqBusFactoryConfigurator rabbit, Uri broker, ServiceRuntimes runtimes, RabbitMqTransport transport, ILoggerFactory logs)
    {
        rabbit.Host(broker.Host, PortOf(broker), VirtualHostOf(broker), host =>
        {
            var user = UserOf(broker);
            host.Username(user.Name);
            host.Password(user.Password);
            host.PublisherConfirmation = true;
            if (broker.Scheme == "amqps") host.UseSsl(ssl => ssl.ServerName = broker.Host);
        });

        var raw = new RawBodies();
        rabbit.ClearSerialization();
        rabbit.AddSerializer(raw);
        rabbit.AddDeserializer(raw, isDefault: true);
        var log = logs.CreateLogger("BeschutWerk.Deliveries");
        foreach (var runtime in runtimes.All)
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

    private static async Task<bool> AnswersAsync(Uri broker, CancellationToken stop)
    {
        var user = UserOf(broker);
        var factory = new ConnectionFactory
        {
            HostName = broker.Host, Port = PortOf(broker), VirtualHost = VirtualHostOf(broker), UserName = user.Name, Password = user.Password,
            Ssl = new SslOption(broker.Host, enabled: broker.Scheme == "amqps"),
            AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = LongestAnswer, ContinuationTimeout = LongestAnswer,
        };
        try
        {
            await using var connection = await factory.CreateConnectionAsync(stop).WaitAsync(LongestAnswer, stop);
            return true;
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Uri Parse(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var broker) && broker.Scheme is "amqp" or "amqps" && broker.UserInfo.Contains(':', StringComparison.Ordinal)
            ? broker
            : throw new StartupException("Messaging__RabbitMq is no broker's address. Write amqp://user:password@host:5672/vhost.");

    private static ushort PortOf(Uri broker) => (ushort)(broker.Port > 0 ? broker.Port : broker.Scheme == "amqps" ? 5671 : 5672);

    private static (string Name, string Password) UserOf(Uri broker)
    {
        var user = broker.UserInfo.Split(':', 2);
        return (Uri.UnescapeDataString(user[0]), Uri.UnescapeDataString(user[^1]));
    }

    private static string VirtualHostOf(Uri broker) => broker.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : "/";

    private sealed class BrokerHealth(RabbitMqTransport transport) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(transport.Fault is { Length: > 0 } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());
    }
}
