using System.Diagnostics;
using System.Globalization;

namespace BeschutWerk.Bench;

/// <summary>Counts what a process asks the disk to make durable, with Debian's strace.</summary>
internal static class Strace
{
    private const int Interrupt = 2;

    /// <summary>Calls of fdatasync and fsync of all threads of a process while some work is done.</summary>
    public static async Task<long> CountSyncsAsync(int processId, Func<Task> work)
    {
        var report = Path.GetTempFileName();
        using var strace = Process.Start(new ProcessStartInfo("strace", ["-f", "-c", "-e", "trace=fdatasync,fsync", "-o", report, "-p", $"{processId}"]) { RedirectStandardError = true })!;
        // It says so once for each thread that it has found; the first is enough, for it stops all before it goes on.
        if (await strace.StandardError.ReadLineAsync() is not { } attached || !attached.Contains("attached", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("strace cannot attach to the process.");
        }

        var draining = strace.StandardError.ReadToEndAsync();
        await work();
        using (var interrupt = Process.Start("kill", [$"-{Interrupt}", $"{strace.Id}"])) await interrupt.WaitForExitAsync();
        await strace.WaitForExitAsync();
        await draining;
        // % time, seconds, usecs/call, calls, [errors], syscall
        var calls = (await File.ReadAllLinesAsync(report)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [.., "fdatasync" or "fsync"]).Sum(words => long.Parse(words[3], CultureInfo.InvariantCulture));
        File.Delete(report);
        return calls;
    }
}
