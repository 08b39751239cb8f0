using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using BeschutWerk.TestProcesses;

namespace BeschutWerk.Platform.Tests.Demo;

/// <summary>The demo as a user runs it, in a process of its own. What it logs goes to a file, for it may be much.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    // Far more than a run takes on the slowest machine: only a hang is cut off.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly Task _logged;
    private readonly Task _told;
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DemoProcess(Process process, int grpcPort, int httpPort, string log)
    {
        (_process, GrpcAddress, Authority) = (process, $"http://localhost:{grpcPort}", $"http://localhost:{httpPort}/");
        _logged = LogAsync(log);
        _told = ListenAsync();
    }

    public string GrpcAddress { get; }

    public string Authority { get; }

    /// <summary>What it printed for its user.</summary>
    public string Output => _output.ToString();

    public static DemoProcess Start(string data, string log, bool exit, params IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var (grpcPort, httpPort) = (FreePort.Next(), FreePort.Next());
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "BeschutWerk.Host.dll"), "demo", "--data", data,
                "--grpc-port", grpcPort.ToString(CultureInfo.InvariantCulture), "--http-port", httpPort.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        if (exit) start.ArgumentList.Add("--exit");
        // Beside what the demo prints, not in it.
        start.Environment["Logging__Console__LogToStandardErrorThreshold"] = "Trace";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new DemoProcess(Process.Start(start)!, grpcPort, httpPort, log);
    }

    /// <summary>Waits until it has told everything and stays up.</summary>
    public Task UpAsync() => Task.WhenAny(_up.Task, _told).WaitAsync(Longest);

    /// <summary>Tells it to stop, as an operator would.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Longest);
        await Task.WhenAll(_told, _logged);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output) _output.AppendLine(line);
            if (line.EndsWith("Stop with Ctrl+C.", StringComparison.Ordinal)) _up.TrySetResult();
        }
    }

    private async Task LogAsync(string path)
    {
        await using var file = File.Create(path);
        await _process.StandardError.BaseStream.CopyToAsync(file);
    }
}
