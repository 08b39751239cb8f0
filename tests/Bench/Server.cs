using System.Diagnostics;
using System.Text.Json;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using Grpc.Core;
using Grpc.Net.Client;

namespace BeschutWerk.Bench;

/// <summary>The platform in a process of its own, on a fresh data folder and free ports of loopback.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ServerReady _ready;
    private readonly GrpcChannel _channel;
    private readonly HttpClient _http = new();

    private Server(Process process, ServerReady ready) => (_process, _ready, _channel) = (process, ready, PlatformChannel.To(ready.Grpc));

    public static async Task<Server> StartAsync(string dataFolder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Started by `dotnet Bench.dll` the path is that of dotnet.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(Server).Assembly.Location);
        start.ArgumentList.Add("serve");
        start.ArgumentList.Add(dataFolder);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start; its error stands above.");
        return new Server(process, JsonSerializer.Deserialize<ServerReady>(line)!);
    }

    /// <summary>CPU time of the server's process so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Calls as one of the parties: operator, uwv, municipality, company.</summary>
    public CallInvoker As(string party) => _channel.As(new AccessTokens(_http, _ready.Tokens, party, _ready.Secrets[party]).GetAsync);

    public async Task<T> AskAsync<T>(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server died; its error stands above.");
        return JsonSerializer.Deserialize<T>(line)!;
    }

    /// <summary>Waits until every event was applied by everybody who follows it.</summary>
    public async Task CaughtUpAsync()
    {
        for (var quiet = 0; quiet < 3;)
        {
            quiet = (await AskAsync<ServerStatus>("status")).Behind == 0 ? quiet + 1 : 0;
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        _http.Dispose();
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
}
