using BeschutWerk.Backbone.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>Adds RabbitMQ to a process; the only folder that knows its client.</summary>
internal static class RabbitMqHosting
{
    /// <summary>Name of its health, beside the overall health, which is that of the stores.</summary>
    public const string HealthName = "rabbitmq";

    /// <summary>A broker that does not answer for so long is taken for away.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>Adds the transport and its health.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="address">Such as <c>amqp://user:password@host:5672/vhost</c>.</param>
    public static void AddRabbitMq(this IHostApplicationBuilder builder, string address)
    {
        var factory = FactoryOf(address);
        builder.Services.AddSingleton(services => new RabbitMqTransport(services, factory));
        builder.Services.AddSingleton<EventTransport>(services => services.GetRequiredService<RabbitMqTransport>());
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>(HealthName, tags: [HealthName]);
    }

    private static ConnectionFactory FactoryOf(string address)
    {
        var broker = Uri.TryCreate(address, UriKind.Absolute, out var parsed) && parsed.Scheme is "amqp" or "amqps" && parsed.UserInfo.Contains(':', StringComparison.Ordinal)
            ? parsed
            : throw new StartupException("Messaging__RabbitMq is no broker's address. Write amqp://user:password@host:5672/vhost.");
        return new ConnectionFactory
        {
            Uri = broker,
            // BrokerLine is made again as a whole: the client's own recovery would bring back channels without knowing what was lost on them.
            AutomaticRecoveryEnabled = false, TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = LongestAnswer, HandshakeContinuationTimeout = LongestAnswer, ContinuationTimeout = LongestAnswer,
            RequestedHeartbeat = LongestAnswer,
        };
    }

    private sealed class BrokerHealth(RabbitMqTransport transport) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(transport.Fault is { Length: > 0 } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());
    }
}
