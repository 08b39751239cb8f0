using System.Diagnostics;
using System.Runtime.InteropServices;

namespace BeschutWerk.Bench;

/// <summary>
/// Open-loop load: each thing is due at its own instant, whatever became of those before it, and its latency counts from
/// then. A slow answer so delays nobody's clock (no coordinated omission).
/// </summary>
internal static class Pacer
{
    /// <summary>Starts so many things a second, each on time.</summary>
    /// <param name="start">Gets its number and the timestamp of the stopwatch at which it was due.</param>
    public static Task<Task[]> RunAsync(int count, int perSecond, Func<int, long, Task> start)
    {
        var done = new TaskCompletionSource<Task[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own: the pool may be busy when something is due.
        var thread = new Thread(() =>
        {
            var started = new Task[count];
            var begin = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                var due = begin + (i * Stopwatch.Frequency / perSecond);
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } early) Sleep((uint)early.TotalMicroseconds);
                started[i] = start(i, due);
            }

            done.SetResult(started);
        });
        thread.Start();
        return done.Task;
    }

    /// <summary>Thread.Sleep knows milliseconds only, half of what is measured here.</summary>
    [DllImport("libc", EntryPoint = "usleep")]
    private static extern void Sleep(uint microseconds);
}
