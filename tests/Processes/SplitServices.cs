using BeschutWerk.Backbone.Grpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace BeschutWerk.TestProcesses;

/// <summary>Every service in a process of its own, as an operator starts them: they find each other by configuration.</summary>
/// <param name="dataFolder">Where all of them keep their data.</param>
/// <param name="authority">Issuer of tokens.</param>
/// <param name="settings">Further settings, as configuration keys.</param>
internal sealed class SplitServices(string dataFolder, string authority, IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    /// <summary>Names in an order of starting that nobody would choose.</summary>
    public static readonly IReadOnlyList<string> Names = ["insight", "uwv", "knowledge", "swcompanies", "municipalities"];

    private static readonly Dictionary<string, string> Programs = new()
    {
        ["insight"] = "Insight", ["uwv"] = "UwvAdvice", ["knowledge"] = "Knowledge", ["swcompanies"] = "SwCompanies", ["municipalities"] = "Municipalities",
    };

    private readonly Dictionary<string, ServiceUnderTest> _services = Programs.ToDictionary(program => program.Key, program => new ServiceUnderTest(program.Value));
    private readonly Dictionary<string, GrpcChannel> _channels = [];
    private bool _disposed;

    /// <summary>A service.</summary>
    public ServiceUnderTest this[string service] => _services[service];

    /// <summary>Starts the process of a service, and waits for nothing.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="failPoint">Where it kills itself.</param>
    /// <param name="more">Settings beside its own, such as <c>--Limits:ClientStreams=100</c>.</param>
    public void Start(string service, string? failPoint = null, params IEnumerable<string> more)
    {
        lock (_services)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _services[service].Start([.. Arguments(service, _services[service]), .. more], failPoint);
        }
    }

    /// <summary>A second process for a service, on the same data but other ports; not started yet.</summary>
    public (ServiceUnderTest Service, IEnumerable<string> Arguments) Second(string service)
    {
        var second = new ServiceUnderTest(Programs[service]);
        return (second, Arguments(service, second));
    }

    /// <summary>What a service says of its health: its own for the empty name, or that of the broker.</summary>
    public async Task<HealthCheckResponse.Types.ServingStatus> HealthAsync(string service, string name = "")
    {
        try
        {
            return (await new Health.HealthClient(ChannelTo(service)).CheckAsync(new HealthCheckRequest { Service = name }, deadline: DateTime.UtcNow.AddSeconds(2))).Status;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return HealthCheckResponse.Types.ServingStatus.Unknown;
        }
    }

    /// <summary>Calls each service at its own process.</summary>
    public CallInvoker As(Func<CancellationToken, ValueTask<string>> token) =>
        new CallsByService(Names.ToDictionary(name => name, name => ChannelTo(name).As(token)));

    public async ValueTask DisposeAsync()
    {
        // Whoever still uses it, because a run was interrupted, starts nothing behind its back.
        lock (_services) _disposed = true;
        foreach (var service in _services.Values) await service.DisposeAsync();
        foreach (var channel in _channels.Values) channel.Dispose();
    }

    private GrpcChannel ChannelTo(string service)
    {
        lock (_channels)
        {
            if (!_channels.TryGetValue(service, out var channel)) _channels[service] = channel = PlatformChannel.To(_services[service].Address);
            return channel;
        }
    }

    private IEnumerable<string> Arguments(string service, ServiceUnderTest process) =>
    [
        $"--Data:Folder={dataFolder}",
        $"--Identity:Authority={authority}",
        $"--Grpc:Port={process.GrpcPort}",
        $"--Http:Port={process.HttpPort}",
        .. _services.Select(other => $"--Services:{other.Key}={(other.Key == service ? process : other.Value).Address}"),
        .. settings.Select(setting => $"--{setting.Key}={setting.Value}"),
    ];
}
