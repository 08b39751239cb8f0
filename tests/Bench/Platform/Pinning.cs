using System.Diagnostics;

namespace BeschutWerk.Bench;

/// <summary>
/// <c>--pinned</c>: the server alone on the first core; this program, the peers and the broker on the second. Without it the
/// scheduler decides.
/// </summary>
internal static class Pinning
{
    private const string Marker = "BENCH_PINNED";

    public static bool IsOn => Environment.GetEnvironmentVariable(Marker) is not null;

    /// <summary>What stands before the server's command.</summary>
    public static string[] OfServer => IsOn ? ["taskset", "-c", "0"] : [];

    /// <summary>Runs this program again, on the second core: a running process can only move some of its threads.</summary>
    public static async Task<int> RunAgainAsync(string[] args)
    {
        var start = new ProcessStartInfo("taskset", ["-c", "1", .. Environment.GetCommandLineArgs() is [var first, ..] && first.EndsWith(".dll", StringComparison.Ordinal)
            && Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? new[] { Environment.ProcessPath!, first } : [Environment.ProcessPath!], .. args]);
        start.Environment[Marker] = "1";
        using var again = Process.Start(start)!;
        await again.WaitForExitAsync();
        return again.ExitCode;
    }
}
