using BeschutWerk.Backbone.Messaging.Carriers.MassTransit;
using BeschutWerk.Backbone.Messaging.Carriers.RabbitMq;
using BeschutWerk.Backbone.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.Carriers;

/// <summary>Adds RabbitMQ to a process, under the carrier that the settings choose.</summary>
internal static class BrokerHosting
{
    /// <summary>Name of the broker's health, beside the overall health, which is that of the stores.</summary>
    public const string HealthName = "rabbitmq";

    /// <summary>A broker that does not answer for so long is taken for away.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>Adds the transport and its health.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="address">Such as <c>amqp://user:password@host:5672/vhost</c>.</param>
    public static void AddBroker(this IHostApplicationBuilder builder, string address)
    {
        var factory = FactoryOf(address);
        OpenLine open = builder.Configuration["Messaging:Carrier"] switch
        {
            null or "" or "masstransit" => (followers, log, cancel) => MassTransitLine.OpenAsync(factory, followers, log, cancel),
            "direct" => (followers, log, cancel) => RabbitMqLine.OpenAsync(factory, followers, log, cancel),
            var other => throw new StartupException($"Messaging__Carrier={other} is no carrier. Write masstransit or direct."),
        };
        builder.Services.AddSingleton(services => new BrokerTransport(services, open));
        builder.Services.AddSingleton<EventTransport>(services => services.GetRequiredService<BrokerTransport>());
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>(HealthName, tags: [HealthName]);
    }

    private static ConnectionFactory FactoryOf(string address)
    {
        var isAddress = Uri.TryCreate(address, UriKind.Absolute, out var parsed)
            && parsed.Scheme is "amqp" or "amqps" && parsed.UserInfo.Contains(':', StringComparison.Ordinal);
        var broker = isAddress
            ? parsed!
            : throw new StartupException("Messaging__RabbitMq is no broker's address. Write amqp://user:password@host:5672/vhost.");
        return new ConnectionFactory
        {
            Uri = broker,
            // A line is made again as a whole: the client's own recovery would bring back channels without knowing what was lost on them.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = LongestAnswer,
            HandshakeContinuationTimeout = LongestAnswer,
            ContinuationTimeout = LongestAnswer,
            RequestedHeartbeat = LongestAnswer,
        };
    }

    private sealed class BrokerHealth(BrokerTransport transport) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(transport.Fault is { Length: > 0 } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());
    }
}
