using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.Backbone.Operations;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone;

/// <summary>Adds services to a process, and what they share.</summary>
public static class BackboneHosting
{
    /// <summary>
    /// What all services of a process share. Configuration: <c>Data:Folder</c> (default <c>data</c>), <c>Backup:Folder</c> and
    /// <c>Backup:KeyFolder</c> (default <c>backups</c> and <c>backup-keys</c> below it), <c>Backup:KeysBesideBackups</c>,
    /// <c>Identity:Authority</c> and what <see cref="AuthorityOptions"/> reads,
    /// <c>Limits:&lt;name&gt;</c> (<see cref="LimitOptions"/>), <c>Services:&lt;name&gt;</c> addresses, <c>Messaging:RabbitMq</c> (an amqp:// address; without it events travel in process),
    /// <c>Messaging:Carrier</c> (<c>masstransit</c>, the default, or <c>direct</c>), <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.
    /// </summary>
    /// <param name="builder">The process.</param>
    /// <param name="process">Its name in telemetry: that of its service, or <c>host</c>.</param>
    public static void AddBackbone(this IHostApplicationBuilder builder, string process)
    {
        SqliteEngine.Prepare();

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new StoreSettings(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ServiceRuntimes>();
        services.AddSingleton(BackupsOf(builder.Configuration));
        services.AddSingleton<FlowSearch>();
        services.AddSingleton<Subscriptions>();
        services.AddSingleton<Gauges>();
        services.AddSingleton<TokenValidator>();
        services.AddSingleton<PlatformClients>();
        services.AddSingleton<FollowerCalls>();
        services.AddSingleton(_ => AuthorityOptions.Of(builder.Configuration));
        services.AddSingleton(_ => LimitOptions.Of(builder.Configuration));
        services.AddSingleton<CallLimits>();
        services.AddSingleton<AddressLimits>();
        services.AddGrpc(options =>
        {
            options.Interceptors.Add<RefusalInterceptor>();
            options.MaxReceiveMessageSize = 4 * 1024 * 1024;
        });
        services.RemoveAll(typeof(IServiceMethodProvider<>));
        services.AddSingleton(typeof(IServiceMethodProvider<>), typeof(ContractMethods<>));
        // What a call ends with is told once, by who refuses it; gRPC would add a stack trace of what the caller sent.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.None);
        services.AddSingleton<OpenStreams>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenStreams>());
        services.AddSingleton<RefusalInterceptor>();
        services.AddSingleton<RefusedCalls>();
        var broker = builder.Configuration["Messaging:RabbitMq"];
        services.AddGrpcHealthChecks(options =>
        {
            // With the broker away a service takes every write that it can decide: its health has a name of its own.
            options.Services.Map("", check => check.Tags.Contains(StoreHealth.Tag));
            if (!string.IsNullOrEmpty(broker)) options.Services.Map(BrokerHosting.HealthName, check => check.Tags.Contains(BrokerHosting.HealthName));
        }).AddCheck<StoreHealth>(StoreHealth.Tag, tags: [StoreHealth.Tag]);
        services.AddHostedService<ServiceLifetime>();
        if (!string.IsNullOrEmpty(broker))
        {
            builder.AddBroker(broker);
            builder.AddNeighbours(process);
        }

        services.TryAddSingleton<EventTransport>(provider => new EmbeddedTransport(provider));
        builder.AddTelemetry(process);
    }

    /// <summary>Adds one service with stores per municipality and one of the platform.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="name">Service name, such as <c>uwv</c>.</param>
    /// <param name="define">What it reacts to.</param>
    public static void AddPlatformService<TTenant, TPlatform>(this IHostApplicationBuilder builder, string name, Action<ServiceDefinition<TTenant, TPlatform>>? define = null)
        where TTenant : StoreContext where TPlatform : StoreContext
    {
        builder.Services.AddSingleton(provider =>
        {
            ServiceRuntime<TTenant, TPlatform>? runtime = null;
            var definition = new ServiceDefinition<TTenant, TPlatform>(name);
            define?.Invoke(definition);
            definition.FollowTenants(() => runtime!.Tenants);
            var folder = Path.GetFullPath(builder.Configuration["Data:Folder"] ?? "data");
            return runtime = new ServiceRuntime<TTenant, TPlatform>(
                definition, provider.GetRequiredService<StoreSettings>(), folder, provider.GetRequiredService<EventTransport>(), provider);
        });
        builder.Services.AddSingleton<ServiceRuntime>(provider => provider.GetRequiredService<ServiceRuntime<TTenant, TPlatform>>());
        builder.Services.AddSingleton<Calls<TTenant, TPlatform>>();
    }

    /// <summary>Adds one service that has only a platform store.</summary>
    public static void AddPlatformService<TPlatform>(this IHostApplicationBuilder builder, string name, Action<ServiceDefinition<NoTenantStore, TPlatform>>? define = null)
        where TPlatform : StoreContext
    {
        builder.AddPlatformService<NoTenantStore, TPlatform>(name, define);
        builder.Services.AddSingleton<PlatformCalls<TPlatform>>();
    }

    /// <summary>Says who may call at all, and maps what all services share: the feed, operations and health.</summary>
    public static void MapBackbone(this WebApplication app)
    {
        app.UseMiddleware<CallAccess>();
        app.MapGrpcService<EventCalls>();
        app.MapGrpcService<OperationsCalls>();
        app.MapGrpcHealthChecksService();
        app.MapHealthChecks("/health", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(StoreHealth.Tag),
            ResponseWriter = (context, report) =>
            {
                context.Response.ContentType = "text/plain";
                return context.Response.WriteAsync($"{report.Status} {ServiceStatus.Version}");
            },
        });
    }

    private static BackupFolder BackupsOf(IConfiguration configuration)
    {
        var data = configuration["Data:Folder"] ?? "data";
        return BackupFolder.Of(
            Path.GetFullPath(configuration["Backup:Folder"] ?? Path.Combine(data, "backups")),
            Path.GetFullPath(configuration["Backup:KeyFolder"] ?? Path.Combine(data, "backup-keys")),
            configuration.GetValue<bool>("Backup:KeysBesideBackups"));
    }

    /// <summary>Starts the services before the first call, and closes their stores after the last.</summary>
    private sealed class ServiceLifetime(
        ServiceRuntimes runtimes, EventTransport transport, Gauges gauges, Subscriptions subscriptions, Neighbours? neighbours = null) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            foreach (var runtime in runtimes.All) runtime.Open();
            foreach (var runtime in runtimes.All) runtime.Follow();
            transport.Start();
            gauges.AddStores(runtimes);
            gauges.AddBroker(runtimes, transport);
            gauges.AddFeed(subscriptions);
            gauges.AddNeighbours(neighbours);
            return Task.CompletedTask;
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await transport.StopAsync();
            // First nobody follows any more, then the logs that they follow are closed.
            foreach (var runtime in runtimes.All) await runtime.UnfollowAsync();
            foreach (var runtime in runtimes.All) await runtime.DisposeAsync();
        }
    }

    private sealed class StoreHealth(ServiceRuntimes runtimes) : IHealthCheck
    {
        public const string Tag = "stores";

        /// <summary>When a disk fails, all stores on it do.</summary>
        private const int MostNamed = 20;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var quarantined = runtimes.All.SelectMany(runtime => runtime.Quarantined).ToDictionary(store => store.Key, store => (object)store.Value);
            if (quarantined.Count == 0) return Task.FromResult(HealthCheckResult.Healthy());
            // Which ones: the log shows this text, and nothing of the data beside it.
            var named = quarantined.Keys.Order(StringComparer.Ordinal).Take(MostNamed);
            var more = quarantined.Count > MostNamed ? $" and {quarantined.Count - MostNamed} more" : "";
            var text = $"Stores out of service: {string.Join(", ", named)}{more}.";
            return Task.FromResult(HealthCheckResult.Degraded(text, data: quarantined));
        }
    }
}
