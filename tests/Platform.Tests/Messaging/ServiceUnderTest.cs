using System.Collections.Concurrent;
using System.Diagnostics;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>The program of one service, which lies beside the tests, and its process while it runs.</summary>
internal sealed class ServiceUnderTest(string program, int grpcPort, int httpPort)
{
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    public int GrpcPort { get; } = grpcPort;

    public int HttpPort { get; } = httpPort;

    public string Address => $"http://localhost:{GrpcPort}";

    public string Output => string.Join('\n', _output);

    public void Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "BeschutWerk." + program), arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Remember;
        _process.ErrorDataReceived += Remember;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null) _output.Enqueue(line.Data);
        while (_output.Count > 200) _output.TryDequeue(out _);
    }
}
