using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace BeschutWerk.TestProcesses;

/// <summary>The program of one service, which lies beside the tests, and its process while it runs; on free ports of loopback.</summary>
internal sealed class ServiceUnderTest(string program) : IAsyncDisposable
{
    private const int Sigterm = 15;

    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    public int GrpcPort { get; } = FreePort.Next();

    public int HttpPort { get; } = FreePort.Next();

    public string Address => $"http://localhost:{GrpcPort}";

    /// <summary>The last lines that it wrote.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Number of the process.</summary>
    public int Id => _process!.Id;

    /// <summary>Bytes of memory that the process holds.</summary>
    public long Memory
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts the process, and waits for nothing.</summary>
    /// <param name="arguments">Its settings.</param>
    /// <param name="failPoint">Where it kills itself, such as <c>after-commit:3</c>; null for nowhere.</param>
    public void Start(IEnumerable<string> arguments, string? failPoint = null)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "BeschutWerk." + program), arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        if (failPoint is not null) start.Environment["FAIL_POINT"] = failPoint;
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
        Forget();
    }

    /// <summary>Asks the process to stop, as an operator does (SIGTERM), and waits until it is gone.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(TimeSpan limit)
    {
        if (Signal(_process!.Id, Sigterm) != 0) throw new InvalidOperationException($"{program} cannot be told to stop.");
        return await ExitAsync(limit);
    }

    /// <summary>Waits until the process is gone by itself.</summary>
    /// <returns>Its exit code; 137 when it was killed.</returns>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        try
        {
            await _process!.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{program} still runs after {limit.TotalSeconds:0} s; it wrote {Output}");
        }

        var code = _process.ExitCode;
        Forget();
        return code;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private void Forget()
    {
        _process!.Dispose();
        _process = null;
    }

    private void Remember(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null) _output.Enqueue(line.Data);
        while (_output.Count > 200) _output.TryDequeue(out _);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
