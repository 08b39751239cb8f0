using System.Globalization;
using BeschutWerk.Backbone.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Identity;

/// <summary>The token server in a process of its own.</summary>
public static class IdentityProcess
{
    /// <summary>
    /// The process, not started yet. Settings: <c>Data:Folder</c>, <c>Http:Port</c>, <c>Listen:Addresses</c> (<c>any</c>, or
    /// loopback), <c>Limits:Connections</c>, <c>Limits:ConnectionsPerAddress</c>, <c>Limits:ClientTokensPerSecond</c>,
    /// <c>Limits:MessageWithin</c>, <c>Identity:Authority</c> (the issuer), <c>Identity:PrivateNetwork</c>, <c>Identity:Services</c>
    /// (names, by comma), <c>Identity:SecretsFolder</c>, where their secrets are written, and <c>Identity:PersonKeyFile</c>.
    /// </summary>
    /// <exception cref="ArgumentException">A limit is none; a sentence.</exception>
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
                ["Limits:ConnectionsPerAddress"] = "2000",
                ["Limits:ClientTokensPerSecond"] = "20",
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
        var (connections, ofAddress) = (LimitOf(settings, "Connections"), LimitOf(settings, ConnectionLimit.Setting));
        builder.Services.AddSingleton(_ => new ConnectionLimit(ofAddress));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = connections;
            if (settings["Listen:Addresses"] == "any") kestrel.ListenAnyIP(port, ServeByAddress);
            else kestrel.ListenLocalhost(port, ServeByAddress);
        });
        builder.AddTelemetry();
        builder.Services.AddIdentity(new IdentityOptions
        {
            DataFolder = folder, Issuer = new Uri(settings["Identity:Authority"] ?? $"http://localhost:{port}/"),
            PrivateNetwork = settings.GetValue<bool>("Identity:PrivateNetwork"), PersonKeyFile = settings["Identity:PersonKeyFile"],
            RequestWithin = TimeOf(settings, "MessageWithin"), TokensPerSecond = LimitOf(settings, TokenLimit.Setting),
        });

        var app = builder.Build();
        app.MapIdentity();
        app.MapGet("/health", () => $"Healthy {IdentityTelemetry.Version}");
        var clients = app.Services.GetRequiredService<Clients>();
        ServiceSecrets.WriteFirstOperator(clients, folder);
        ServiceSecrets.Write(
            clients, settings["Identity:SecretsFolder"] ?? Path.Combine(folder, "services"),
            settings["Identity:Services"]!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return app;
    }

    private static void ServeByAddress(ListenOptions listen)
    {
        var limit = listen.ApplicationServices.GetRequiredService<ConnectionLimit>();
        listen.Use(next => connection => limit.ServeAsync(connection, next));
    }

    private static int LimitOf(IConfiguration settings, string name) =>
        int.TryParse(settings[$"Limits:{name}"], CultureInfo.InvariantCulture, out var limit) && limit > 0
            ? limit
            : throw new ArgumentException($"Limits__{name} must be 1 or more.");

    private static TimeSpan TimeOf(IConfiguration settings, string name) =>
        TimeSpan.TryParse(settings[$"Limits:{name}"], CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero
            ? time
            : throw new ArgumentException($"Limits__{name}={settings[$"Limits:{name}"]} is no time to wait. Write 00:00:30.");
}
