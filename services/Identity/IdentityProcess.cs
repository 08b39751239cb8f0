using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Identity;

/// <summary>The token server in a process of its own.</summary>
public static class IdentityProcess
{
    /// <summary>
    /// The process, not started yet. Settings: <c>Data:Folder</c>, <c>Http:Port</c>, <c>Listen:Addresses</c> (<c>any</c>, or
    /// loopback), <c>Limits:Connections</c>, <c>Limits:MessageWithin</c>, <c>Identity:Authority</c> (the issuer),
    /// <c>Identity:PrivateNetwork</c>, <c>Identity:Services</c> (names, by comma), <c>Identity:SecretsFolder</c>, where their secrets are
    /// written, and <c>Identity:PersonKeyFile</c>.
    /// </summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // First of all sources, so that everything else overrides it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Data:Folder"] = "data",
                ["Http:Port"] = "5180",
                ["Limits:Connections"] = "5000",
                ["Limits:MessageWithin"] = "00:00:30",
                ["Identity:Services"] = "municipalities,uwv,swcompanies,knowledge,insight",
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft"] = "Warning",
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical", // a failed start is told by Program
                ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error", // warns of keys that nothing here uses
                ["Logging:LogLevel:OpenIddict"] = "Warning",
            },
        });
        var settings = builder.Configuration;
        var port = settings.GetValue<int>("Http:Port");
        var folder = Path.Combine(Path.GetFullPath(settings["Data:Folder"]!), "identity");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = settings.GetValue<int>("Limits:Connections");
            if (settings["Listen:Addresses"] == "any") kestrel.ListenAnyIP(port);
            else kestrel.ListenLocalhost(port);
        });
        builder.AddTelemetry();
        builder.Services.AddIdentity(new IdentityOptions
        {
            DataFolder = folder, Issuer = new Uri(settings["Identity:Authority"] ?? $"http://localhost:{port}/"),
            PrivateNetwork = settings.GetValue<bool>("Identity:PrivateNetwork"), PersonKeyFile = settings["Identity:PersonKeyFile"],
            RequestWithin = settings.GetValue<TimeSpan>("Limits:MessageWithin"),
        });

        var app = builder.Build();
        app.MapIdentity();
        app.MapGet("/health", () => "Healthy");
        var clients = app.Services.GetRequiredService<Clients>();
        ServiceSecrets.WriteFirstOperator(clients, folder);
        ServiceSecrets.Write(
            clients, settings["Identity:SecretsFolder"] ?? Path.Combine(folder, "services"),
            settings["Identity:Services"]!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return app;
    }
}
