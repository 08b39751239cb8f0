namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Named instants at which a test kills the process: <c>FAIL_POINT=after-commit:3</c> dies at the third time. Off unless
/// the variable is set at start, so that a running platform pays one comparison.
/// </summary>
public static class FailPoints
{
    private static readonly string? Name = Setting()?.Split(':')[0];
    private static int _left = Setting()?.Split(':') is [_, var count] ? int.Parse(count) : 1;

    private static string? Setting() => Environment.GetEnvironmentVariable("FAIL_POINT");

    /// <summary>Dies here, at once and without clean-up, when this point was asked for.</summary>
    public static void Hit(string name)
    {
        if (Name is null || Name != name || Interlocked.Decrement(ref _left) != 0) return;
        // SIGKILL to ourselves: nothing gets to run, as when the power supply or the kernel decides.
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
