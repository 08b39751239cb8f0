using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Identity;
using BeschutWerk.Insight;
using BeschutWerk.Knowledge;
using BeschutWerk.Municipalities;
using BeschutWerk.SwCompanies;
using BeschutWerk.UwvAdvice;

namespace BeschutWerk.Host;

/// <summary>Where the platform keeps its data and listens.</summary>
/// <param name="DataFolder">Folder of all stores and keys.</param>
/// <param name="GrpcPort">Port of gRPC on loopback (HTTP/2 without TLS).</param>
/// <param name="HttpPort">Port of the token server and health on loopback (HTTP/1.1).</param>
public sealed record PlatformOptions(string DataFolder, int GrpcPort = 5100, int HttpPort = 5180)
{
    /// <summary>The clock; another one in tests.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Further settings, as configuration keys.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of services that this process leaves to others.</summary>
    public IReadOnlyCollection<string> Elsewhere { get; init; } = [];

    /// <summary>Address of gRPC.</summary>
    public string GrpcAddress => $"http://localhost:{GrpcPort}";

    /// <summary>Address of the token server, which is also the issuer of tokens.</summary>
    public string Authority => $"http://localhost:{HttpPort}/";
}

/// <summary>All services in one process.</summary>
public static class PlatformHost
{
    private static readonly (string Name, Action<IHostApplicationBuilder> Add, Action<IEndpointRouteBuilder> Map)[] Services =
    [
        ("uwv", UwvAdviceService.AddUwvAdvice, UwvAdviceService.MapUwvAdvice),
        ("municipalities", MunicipalitiesService.AddMunicipalities, MunicipalitiesService.MapMunicipalities),
        ("swcompanies", SwCompaniesService.AddSwCompanies, SwCompaniesService.MapSwCompanies),
        ("knowledge", KnowledgeService.AddKnowledge, KnowledgeService.MapKnowledge),
        ("insight", InsightService.AddInsight, InsightService.MapInsight),
    ];

    /// <summary>The process, not started yet.</summary>
    /// <param name="options">Where it keeps its data and listens.</param>
    /// <param name="adjust">Replaces parts before the process is built, such as an exporter in tests.</param>
    public static WebApplication Build(PlatformOptions options, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Folder"] = options.DataFolder,
            ["Identity:Authority"] = options.Authority,
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical", // a failed start is told by Startup
            ["Logging:LogLevel:Grpc"] = "Warning",
            ["Logging:LogLevel:System.Net.Http"] = "Warning",
            ["Logging:LogLevel:OpenIddict"] = "Warning",
        });
        builder.Configuration.AddInMemoryCollection(PlatformServices.Names.Select(name => new KeyValuePair<string, string?>($"Services:{name}", options.GrpcAddress)));
        builder.Configuration.AddInMemoryCollection(options.Settings);
        builder.Configuration.AddEnvironmentVariables();
        builder.ListenPlatform(options.GrpcPort, options.HttpPort);
        builder.Services.AddSingleton(options.Clock);
        var limits = LimitOptions.Of(builder.Configuration);
        builder.Services.AddIdentity(new IdentityOptions
        {
            DataFolder = Path.Combine(options.DataFolder, "identity"), Issuer = new Uri(options.Authority), Clock = options.Clock,
            PersonKeyFile = builder.Configuration["Identity:PersonKeyFile"],
            RequestWithin = limits.MessageWithin, TokensPerSecond = limits.ClientTokensPerSecond,
        });
        var here = Services.Where(service => !options.Elsewhere.Contains(service.Name)).ToList();
        builder.Services.AddSingleton(provider =>
        {
            // Under ids of this process: a service that runs alone on the same data keeps its client and its secret.
            var issued = provider.GetRequiredService<Clients>()
                .IssueServiceCredentials(here.Select(service => service.Name), $"{PlatformServices.AllInOne}-");
            var tokens = issued.ToDictionary(service => service.Key, service => new AccessTokens(
                new HttpClient(), options.Authority, service.Value.ClientId, service.Value.ClientSecret));
            return new ServiceToken((service, cancel) => tokens[service].GetAsync(cancel), service => tokens[service].Forget());
        });
        builder.AddBackbone(PlatformServices.AllInOne);
        foreach (var service in here) service.Add(builder);
        adjust?.Invoke(builder);

        var app = builder.Build();
        ServiceSecrets.WriteFirstOperator(app.Services.GetRequiredService<Clients>(), Path.Combine(options.DataFolder, "identity"));
        app.MapIdentity();
        app.MapBackbone();
        foreach (var service in here) service.Map(app);
        return app;
    }
}
