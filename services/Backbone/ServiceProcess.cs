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
    /// <summary>Services in the order of their default ports: gRPC from 5101, HTTP from 5181; the token server is 5180.</summary>
    private static readonly string[] Names = ["municipalities", "uwv", "swcompanies", "knowledge", "insight"];

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="args">Settings, such as <c>--Grpc:Port=5102</c>.</param>
    /// <param name="name">Service name, such as <c>uwv</c>.</param>
    /// <param name="add">Adds the service.</param>
    /// <param name="map">Maps its calls.</param>
    public static async Task RunAsync(string[] args, string name, Action<IHostApplicationBuilder> add, Action<IEndpointRouteBuilder> map)
    {
        await using var app = Build(args, name, add, map);
        await app.RunAsync();
    }

    /// <summary>The process, not started yet.</summary>
    public static WebApplication Build(
        string[] args, string name, Action<IHostApplicationBuilder> add, Action<IEndpointRouteBuilder> map, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // First of all sources, so that everything else overrides it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults(name) });
        builder.ListenPlatform(builder.Configuration.GetValue<int>("Grpc:Port"), builder.Configuration.GetValue<int>("Http:Port"));
        builder.Services.AddSingleton(TokenOf(builder.Configuration, name));
        builder.AddBackbone();
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
        kestrel.ListenLocalhost(grpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.ListenLocalhost(httpPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        kestrel.Limits.MinRequestBodyDataRate = null; // a stream of placements may pause
    });

    private static Dictionary<string, string?> Defaults(string name)
    {
        var index = Array.IndexOf(Names, name);
        if (index < 0) throw new ArgumentException($"No service is called {name}.", nameof(name));
        var defaults = new Dictionary<string, string?>
        {
            ["Data:Folder"] = "data",
            ["Grpc:Port"] = $"{5101 + index}",
            ["Http:Port"] = $"{5181 + index}",
            ["Identity:Authority"] = "http://localhost:5180/",
            ["Identity:ClientId"] = "service-" + name,
            ["Messaging:RabbitMq"] = "amqp://guest:guest@localhost:5672",
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
            ["Logging:LogLevel:Grpc"] = "Warning",
            ["Logging:LogLevel:System.Net.Http"] = "Warning",
        };
        for (var i = 0; i < Names.Length; i++) defaults[$"Services:{Names[i]}"] = $"http://localhost:{5101 + i}";
        return defaults;
    }

    /// <summary>The token that this service shows to others: by its secret, or by the file into which the token server wrote it.</summary>
    private static ServiceToken TokenOf(IConfiguration configuration, string name)
    {
        AccessTokens? tokens = null;
        return new ServiceToken(async cancel =>
        {
            try
            {
                // Read at the first call: the token server may start later than this process.
                tokens ??= new AccessTokens(
                    new HttpClient(), configuration["Identity:Authority"]!, configuration["Identity:ClientId"]!,
                    configuration["Identity:ClientSecret"] ?? (await File.ReadAllTextAsync(SecretFileOf(configuration, name), cancel)).Trim());
                return await tokens.GetAsync(cancel);
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, $"{name} has no token yet: {error.Message}"));
            }
        });
    }

    private static string SecretFileOf(IConfiguration configuration, string name) =>
        configuration["Identity:ClientSecretFile"] ?? Path.Combine(configuration["Data:Folder"]!, "identity", "services", name);
}
