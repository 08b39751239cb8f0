using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Security;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Backbone;

/// <summary>
/// One service in a process of its own. It finds the others by configuration, starts in any order with them, and takes
/// writes while the broker or another service is down. Settings come from the environment (<c>Grpc__Port=5102</c>) or the
/// command line (<c>--Grpc:Port=5102</c>); the defaults are one machine with a broker beside it.
/// </summary>
public static class ServiceProcess
{
    /// <summary>Health and pages; the token server has the port before it.</summary>
    private const int FirstHttpPort = 5181;

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="args">Settings, such as <c>--Grpc:Port=5102</c>.</param>
    /// <param name="name">Service name, such as <c>uwv</c>.</param>
    /// <param name="add">Adds the service.</param>
    /// <param name="map">Maps its calls.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, string name, Action<IHostApplicationBuilder> add, Action<IEndpointRouteBuilder> map) => Startup.RunAsync(async () =>
    {
        await using var app = Build(args, name, add, map);
        return await Startup.ServeAsync(app);
    });

    /// <summary>The process, not started yet.</summary>
    public static WebApplication Build(
        string[] args, string name, Action<IHostApplicationBuilder> add, Action<IEndpointRouteBuilder> map, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // First of all sources, so that everything else overrides it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults(name) });
        // How containers are told what is secret: a file for each setting, such as Messaging__RabbitMq.
        if (builder.Configuration["Settings:Folder"] is { Length: > 0 } folder) builder.Configuration.AddKeyPerFile(Path.GetFullPath(folder));
        builder.ListenPlatform(builder.Configuration.GetValue<int>("Grpc:Port"), builder.Configuration.GetValue<int>("Http:Port"));
        builder.Services.AddSingleton(TokenOf(builder.Configuration, name));
        builder.AddBackbone(name);
        add(builder);
        adjust?.Invoke(builder);

        var app = builder.Build();
        app.MapBackbone();
        map(app);
        return app;
    }

    /// <summary>Listens on two ports, because without TLS one port cannot tell HTTP/1.1 from HTTP/2.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="grpcPort">Port of gRPC (HTTP/2 without TLS).</param>
    /// <param name="httpPort">Port of health and pages (HTTP/1.1).</param>
    public static void ListenPlatform(this WebApplicationBuilder builder, int grpcPort, int httpPort) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        var limits = LimitOptions.Of(builder.Configuration);
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        // Beyond this machine only where it is said: a container, whose network decides who reaches it.
        if (builder.Configuration["Listen:Addresses"] == "any")
        {
            kestrel.ListenAnyIP(grpcPort, listen => ListenTo(listen, HttpProtocols.Http2));
            kestrel.ListenAnyIP(httpPort, listen => ListenTo(listen, HttpProtocols.Http1));
        }
        else
        {
            kestrel.ListenLocalhost(grpcPort, listen => ListenTo(listen, HttpProtocols.Http2));
            kestrel.ListenLocalhost(httpPort, listen => ListenTo(listen, HttpProtocols.Http1));
        }

        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        // A stream of placements may pause. The first message of each call, and a request of the token server, have their time.
        kestrel.Limits.MinRequestBodyDataRate = null;
    });

    private static void ListenTo(ListenOptions listen, HttpProtocols protocol)
    {
        var addresses = listen.ApplicationServices.GetRequiredService<AddressLimits>();
        listen.Protocols = protocol;
        listen.Use(next => connection => addresses.ServeAsync(connection, next));
    }

    private static Dictionary<string, string?> Defaults(string name)
    {
        var defaults = new Dictionary<string, string?>
        {
            ["Data:Folder"] = "data",
            ["Grpc:Port"] = $"{PlatformServices.GrpcPortOf(name)}",
            ["Http:Port"] = $"{FirstHttpPort + PlatformServices.IndexOf(name)}",
            ["Identity:Authority"] = "http://localhost:5180/",
            ["Identity:ClientId"] = "service-" + name,
            ["Messaging:RabbitMq"] = "amqp://guest:guest@localhost:5672",
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical", // a failed start is told by Startup
            ["Logging:LogLevel:Grpc"] = "Warning",
            ["Logging:LogLevel:System.Net.Http"] = "Warning",
        };
        foreach (var service in PlatformServices.Names) defaults[$"Services:{service}"] = $"http://localhost:{PlatformServices.GrpcPortOf(service)}";
        return defaults;
    }

    /// <summary>The token that this service shows to others: by its secret, or by the file into which the token server wrote it.</summary>
    private static ServiceToken TokenOf(IConfiguration configuration, string name)
    {
        AccessTokens? tokens = null;
        return new ServiceToken(
            async (_, cancel) =>
            {
                try
                {
                    // Read at the first call: the token server may start later than this process.
                    var known = tokens ??= new AccessTokens(
                        new HttpClient(), configuration["Identity:Authority"]!, configuration["Identity:ClientId"]!,
                        configuration["Identity:ClientSecret"] ?? (await File.ReadAllTextAsync(SecretFileOf(configuration, name), cancel)).Trim());
                    return await known.GetAsync(cancel);
                }
                catch (Exception error) when (error is HttpRequestException or IOException)
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, $"{name} has no token yet: {error.Message}"));
                }
            },
            _ =>
            {
                // The file may hold another secret meanwhile.
                if (tokens is { } refused && refused.Forget()) tokens = null;
            });
    }

    private static string SecretFileOf(IConfiguration configuration, string name) =>
        configuration["Identity:ClientSecretFile"] ?? Path.Combine(configuration["Data:Folder"]!, "identity", "services", name);
}
