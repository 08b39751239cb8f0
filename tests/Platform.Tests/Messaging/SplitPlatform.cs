using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Insight;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>
/// Every service in a process of its own, as an operator starts them, with a broker between them. Only the token server is
/// here, so that tests can register clients.
/// </summary>
public class SplitPlatform(Broker broker) : InsightPlatform
{
    private static readonly (string Name, string Program)[] Services =
    [
        ("insight", "Insight"), ("uwv", "UwvAdvice"), ("knowledge", "Knowledge"), ("swcompanies", "SwCompanies"), ("municipalities", "Municipalities"),
    ];

    private readonly Dictionary<string, ServiceUnderTest> _services = [];
    private readonly Dictionary<string, GrpcChannel> _channels = [];
    private VirtualHost? _rabbit;

    /// <summary>Starts the process of a service, and waits for nothing.</summary>
    public void Start(string service) => _services[service].Start(Arguments(service));

    /// <summary>Kills the process of a service.</summary>
    public Task KillAsync(string service) => _services[service].KillAsync();

    /// <summary>What a service says of its health: its own for the empty name, or that of the broker.</summary>
    public async Task<HealthCheckResponse.Types.ServingStatus> HealthAsync(string service, string name = "")
    {
        try
        {
            return (await new Health.HealthClient(_channels[service]).CheckAsync(new HealthCheckRequest { Service = name }, deadline: DateTime.UtcNow.AddSeconds(2))).Status;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return HealthCheckResponse.Types.ServingStatus.Unknown;
        }
    }

    /// <summary>Waits until a service takes calls.</summary>
    public Task ServingAsync(string service) => BrokerTest.EventuallyAsync(
        async () => await HealthAsync(service) == HealthCheckResponse.Types.ServingStatus.Serving, $"{service} serves; it wrote {_services[service].Output}");

    /// <summary>The broker's address.</summary>
    protected virtual async Task<string> BrokerAddressAsync() => (_rabbit ??= await broker.NewHostAsync()).Amqp.ToString();

    protected override async Task StartAsync()
    {
        if (_services.Count == 0)
        {
            Options = Options with { Settings = new Dictionary<string, string?>(Options.Settings) { ["Messaging:RabbitMq"] = await BrokerAddressAsync() } };
            foreach (var (name, program) in Services)
            {
                _services[name] = new ServiceUnderTest(program, FreePort(), FreePort());
                _channels[name] = PlatformChannel.To(_services[name].Address);
            }
        }

        // In an order that nobody would choose: the token server, which all of them need, comes last.
        foreach (var (name, _) in Services) Start(name);
        App = IdentityProcess.Build([$"--Data:Folder={Options.DataFolder}", $"--Http:Port={Options.HttpPort}", "--Logging:LogLevel:Default=Warning"]);
        await App.StartAsync();
        foreach (var (name, _) in Services) await ServingAsync(name);
    }

    protected override async Task StopAsync()
    {
        foreach (var service in _services.Values) await service.KillAsync();
        await App.StopAsync();
        await App.DisposeAsync();
    }

    protected override CallInvoker Invoker(Func<CancellationToken, ValueTask<string>> token) =>
        new ByService(_channels.ToDictionary(channel => channel.Key, channel => channel.Value.As(token)));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var channel in _channels.Values) channel.Dispose();
        if (_rabbit is not null) await _rabbit.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private IEnumerable<string> Arguments(string service) =>
    [
        $"--Data:Folder={Options.DataFolder}",
        $"--Identity:Authority={Options.Authority}",
        $"--Grpc:Port={_services[service].GrpcPort}",
        $"--Http:Port={_services[service].HttpPort}",
        .. _services.Select(other => $"--Services:{other.Key}={other.Value.Address}"),
        .. Options.Settings.Select(setting => $"--{setting.Key}={setting.Value}"),
    ];

    /// <summary>Sends each call to the process of its service, which stands in its package.</summary>
    private sealed class ByService(Dictionary<string, CallInvoker> services) : CallInvoker
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            Of(method).BlockingUnaryCall(method, host, options, request);

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            Of(method).AsyncUnaryCall(method, host, options, request);

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            Of(method).AsyncServerStreamingCall(method, host, options, request);

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            Of(method).AsyncClientStreamingCall(method, host, options);

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            Of(method).AsyncDuplexStreamingCall(method, host, options);

        private CallInvoker Of(IMethod method) => services[method.ServiceName.Split('.')[1]];
    }
}
