using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Host;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Grpc.Net.Client;

namespace BeschutWerk.Bench;

/// <summary>The platform in a process of its own, on a fresh data folder and free ports of loopback.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly PlatformOptions _options;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly GrpcChannel _channel;
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, AccessTokens> _tokens = [];
    private Process? _process;

    private Server(PlatformOptions options, IReadOnlyDictionary<string, string> settings) => (_options, _settings, _channel) = (options, settings, PlatformChannel.To(options.GrpcAddress));

    /// <summary>Starts it.</summary>
    /// <param name="dataFolder">Where it keeps its data.</param>
    /// <param name="settings">Further settings, as variables of its environment.</param>
    public static async Task<Server> StartAsync(string dataFolder, params (string Name, string Value)[] settings)
    {
        var server = new Server(new PlatformOptions(dataFolder, FreePort.Next(), FreePort.Next()), settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts the process, also again on what it left behind.</summary>
    public async Task StartAsync()
    {
        string[] arguments = ["serve", _options.DataFolder, $"{_options.GrpcPort}", $"{_options.HttpPort}"];
        // Started by `dotnet Bench.dll` the path is that of dotnet.
        string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.ProcessPath!, typeof(Server).Assembly.Location] : [Environment.ProcessPath!];
        string[] command = [.. Pinning.OfServer, .. program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // More feeds than one client may have otherwise: B22 opens ten thousand.
        (start.Environment["Limits__ClientStreams"], start.Environment["Limits__MunicipalityStreams"]) = ("20000", "40000");
        foreach (var (name, value) in _settings) start.Environment[name] = value;
        _process = Process.Start(start)!;
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start; its error stands above.");
        foreach (var (party, secret) in JsonSerializer.Deserialize<ServerReady>(line)!.Secrets) _tokens[party] = new AccessTokens(_http, _options.Authority, party, secret);
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
        _process = null;
    }

    public int ProcessId => Process.Id;

    public string DataFolder => _options.DataFolder;

    /// <summary>CPU time of the server's process so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            Process.Refresh();
            return Process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory of the server's process, in bytes.</summary>
    public long Resident
    {
        get
        {
            Process.Refresh();
            return Process.WorkingSet64;
        }
    }

    /// <summary>Calls as one of the parties: operator, uwv, municipality, company.</summary>
    public CallInvoker As(string party) => As(party, _channel);

    /// <summary>The same over another connection.</summary>
    public CallInvoker As(string party, GrpcChannel channel) => channel.As(_tokens[party].GetAsync);

    /// <summary>One more connection, as another client has it.</summary>
    public GrpcChannel Connect() => PlatformChannel.To(_options.GrpcAddress);

    public async Task<T> AskAsync<T>(string question)
    {
        await Process.StandardInput.WriteLineAsync(question);
        var line = await Process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server died; its error stands above.");
        return JsonSerializer.Deserialize<T>(line)!;
    }

    public Task<ServerStatus> StatusAsync() => AskAsync<ServerStatus>("status");

    /// <summary>Candidates with an accepted offer, known to everybody who follows.</summary>
    public async Task<IReadOnlyList<Candidate>> SetSceneAsync(int candidates)
    {
        var found = await new Scene(As).SetAsync(candidates);
        await CaughtUpAsync();
        return found;
    }

    /// <summary>Waits until every event was applied by everybody who follows it.</summary>
    public async Task CaughtUpAsync()
    {
        var quiet = 0;
        await Wait.UntilAsync(
            async () => (quiet = await StatusAsync() is { Behind: 0, Waiting: 0 } ? quiet + 1 : 0) == 3, "everybody has applied everything", TimeSpan.FromMilliseconds(50));
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        foreach (var token in _tokens.Values) token.Dispose();
        _http.Dispose();
        if (_process is null) return;
        await _process.StandardInput.WriteLineAsync("stop");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private Process Process => _process ?? throw new InvalidOperationException("The server was killed.");
}
