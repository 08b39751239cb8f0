using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Insight;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>
/// Every service in a process of its own, as an operator starts them, with a broker between them. Only the token server is
/// here, so that tests can register clients.
/// </summary>
public class SplitPlatform(Broker broker) : InsightPlatform
{
    private SplitServices? _services;
    private VirtualHost? _rabbit;

    private SplitServices Services => _services!;

    /// <summary>Starts the process of a service, and waits for nothing.</summary>
    public void Start(string service) => Services.Start(service);

    /// <summary>Where a service takes calls.</summary>
    public string AddressOf(string service) => Services[service].Address;

    /// <summary>Kills the process of a service.</summary>
    public Task KillAsync(string service) => Services[service].KillAsync();

    /// <summary>What a service says of its health: its own for the empty name, or that of the broker.</summary>
    public Task<HealthCheckResponse.Types.ServingStatus> HealthAsync(string service, string name = "") => Services.HealthAsync(service, name);

    /// <summary>Waits until a service takes calls.</summary>
    public Task ServingAsync(string service) => BrokerTest.EventuallyAsync(
        async () => await HealthAsync(service) == HealthCheckResponse.Types.ServingStatus.Serving, $"{service} serves; it wrote {Services[service].Output}");

    /// <summary>The broker's address.</summary>
    protected virtual async Task<string> BrokerAddressAsync() => (_rabbit ??= await broker.NewHostAsync()).Amqp.ToString();

    protected override async Task StartAsync()
    {
        _services ??= new SplitServices(
            Options.DataFolder, Options.Authority, new Dictionary<string, string?>(Options.Settings) { ["Messaging:RabbitMq"] = await BrokerAddressAsync() });
        foreach (var name in SplitServices.Names) Start(name);
        // The token server, which all of them need, comes last.
        App = IdentityProcess.Build([$"--Data:Folder={Options.DataFolder}", $"--Http:Port={Options.HttpPort}", "--Logging:LogLevel:Default=Warning"]);
        await App.StartAsync();
        foreach (var name in SplitServices.Names) await ServingAsync(name);
    }

    protected override async Task StopAsync()
    {
        foreach (var name in SplitServices.Names) await KillAsync(name);
        await App.StopAsync();
        await App.DisposeAsync();
    }

    protected override CallInvoker Invoker(Func<CancellationToken, ValueTask<string>> token) => Services.As(token);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_services is not null) await _services.DisposeAsync();
        if (_rabbit is not null) await _rabbit.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
