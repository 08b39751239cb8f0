namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Named instants at which a test kills the process: <c>FAIL_POINT=after-commit:3</c> dies at the third time. Off unless
/// the variable is set at start, so that a running platform pays one comparison.
/// <list type="table">
/// <item><term>before-commit, after-commit</term><description>of every store; after it nobody was answered yet</description></item>
/// <item><term>before-wake, after-wake</term><description>around telling the transport that the log grew</description></item>
/// <item><term>before-publish, after-publish, after-confirm</term><description>a page of the log is handed to the broker; confirmed, it is not remembered yet</description></item>
/// <item><term>delivered, before-applied-commit, after-applied-commit, before-ack</term><description>the same on the consumer's side</description></item>
/// <item><term>before-checks, after-checks, before-schema-commit, after-schema-commit</term><description>an upgrade of a store's file</description></item>
/// <item><term>restore-between</term><description>a restored file that is not in its place yet</description></item>
/// <item><term>before-webhook-secret</term><description>a webhook is stored, its secret was not told yet</description></item>
/// <item><term>before-webhook-start</term><description>its secret was told, which is not remembered yet</description></item>
/// <item><term>after-webhook-answer</term><description>a receiver answered, which is not remembered yet</description></item>
/// </list>
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
