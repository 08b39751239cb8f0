using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Bench;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Identity;
using BeschutWerk.TestBroker;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;
using Serving = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace BeschutWerk.Faults;

/// <summary>
/// The platform as it runs distributed: a process for each service and a broker of its own between them, all on loopback.
/// Only the token server is in this process, which is everybody's client.
/// </summary>
internal sealed class Platform : IAsyncDisposable
{
    /// <summary>Two, so that something may land in the wrong one's file.</summary>
    public static readonly string[] Municipalities = ["GM0363", "GM0599"];

    private static readonly ClientRegistration[] Parties =
    [
        new("operator", IdentityKind.Operator, "operator", "Operator", []),
        new("uwv", IdentityKind.Uwv, "uwv", "UWV", []),
        new("noisy", IdentityKind.Municipality, Municipalities[0], "Noisy", [Municipalities[0]]),
        new("company", IdentityKind.Sw, Workload.Company, "Company", []),
        .. Municipalities.Select(code => new ClientRegistration(code, IdentityKind.Municipality, code, code, [code])),
        new("country", IdentityKind.Municipality, "country", "Country", [.. Country.Codes]),
    ];

    private const string Carrier = "Messaging:Carrier";

    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string?> _settings;
    private readonly WebApplication _identity;
    private readonly string _authority;
    private readonly Dictionary<string, AccessTokens> _tokens;

    private Platform(
        string folder, BrokerNode broker, SplitServices services, WebApplication identity, string authority, Dictionary<string, string?> settings)
    {
        _settings = settings;
        (Folder, Broker, Services, _identity, _authority) = (folder, broker, services, identity, authority);
        var secrets = identity.Services.GetRequiredService<Clients>().RegisterAll(Parties, renewSecret: _ => true);
        _tokens = secrets.ToDictionary(
            client => client.Registration.ClientId, client => new AccessTokens(_http, authority, client.Registration.ClientId, client.NewSecret!));
    }

    /// <summary>Where the services keep their data.</summary>
    public string Folder { get; }

    /// <summary>Issuer of the tokens.</summary>
    public string Authority => _authority;

    public BrokerNode Broker { get; }

    public SplitServices Services { get; }

    public OperationsService.OperationsServiceClient Operations => new(As("operator"));

    /// <param name="carrier">Carries the events, as <c>Messaging:Carrier</c> says it.</param>
    public static async Task<Platform> StartAsync(string carrier)
    {
        var folder = Directory.CreateTempSubdirectory("beschutwerk-faults-").FullName;
        var broker = new BrokerNode();
        await broker.StartAsync();
        var port = FreePort.Next();
        var authority = $"http://localhost:{port}/";
        var identity = IdentityProcess.Build([$"--Data:Folder={folder}", $"--Http:Port={port}", "--Logging:LogLevel:Default=Warning"]);
        await identity.StartAsync();
        var settings = new Dictionary<string, string?> { ["Messaging:RabbitMq"] = broker.Amqp.ToString(), [Carrier] = carrier };
        var services = new SplitServices(folder, authority, settings);
        var platform = new Platform(folder, broker, services, identity, authority, settings);
        foreach (var service in SplitServices.Names) services.Start(service);
        await platform.AllServeAsync();
        return platform;
    }

    /// <summary>Calls as one of the parties: operator, uwv, company, or a municipality by its code.</summary>
    public CallInvoker As(string party) => Services.As(_tokens[party].GetAsync);

    /// <summary>
    /// Calls a service as one of the parties over a connection of their own that retries nothing: what the service does is
    /// seen as it is.
    /// </summary>
    public (GrpcChannel Channel, CallInvoker Calls) Connect(string service, string party) => ConnectTo(Services[service].Address, party);

    /// <summary>The same to a service that is not of this platform, but believes its token server.</summary>
    public (GrpcChannel Channel, CallInvoker Calls) ConnectTo(string address, string party)
    {
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });
        return (channel, Backbone.Grpc.PlatformChannel.As(channel, _tokens[party].GetAsync));
    }

    /// <summary>Starts a service again and waits until it takes calls.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="more">Settings beside its own.</param>
    public async Task RestartAsync(string service, params IEnumerable<string> more)
    {
        Services.Start(service, more: more);
        await ServesAsync(service);
    }

    /// <summary>Starts every service again under another carrier, unless it is the one that they have.</summary>
    public async Task CarryByAsync(string carrier)
    {
        if (_settings[Carrier] == carrier)
        {
            return;
        }

        _settings[Carrier] = carrier;
        foreach (var service in SplitServices.Names)
        {
            await Services[service].KillAsync();
            Services.Start(service);
        }

        await AllServeAsync();
    }

    public Task ServesAsync(string service) => Until(
        async () => await Services.HealthAsync(service) == Serving.Serving, TimeSpan.FromSeconds(60), () => $"{service} serves; it wrote {Services[service].Output}");

    public async Task AllServeAsync()
    {
        foreach (var service in SplitServices.Names) await ServesAsync(service);
    }

    /// <summary>Polls until the condition holds.</summary>
    public static async Task Until(Func<Task<bool>> condition, TimeSpan limit, Func<string> what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > limit) throw new TimeoutException($"Not within {limit.TotalSeconds} seconds: {what()}.");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await _identity.StopAsync();
        await _identity.DisposeAsync();
        await Broker.DisposeAsync();
        _http.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
