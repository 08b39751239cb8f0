namespace BeschutWerk.Bench;

/// <summary>Waits that end: what does not come is an error, not a run that never stops.</summary>
internal static class Wait
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Looks every millisecond, or as told, until it is so.</summary>
    /// <exception cref="TimeoutException">Not within five minutes.</exception>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what, TimeSpan? every = null)
    {
        var limit = Environment.TickCount64 + (long)Longest.TotalMilliseconds;
        while (!await isSo())
        {
            if (Environment.TickCount64 > limit) throw new TimeoutException($"Not within {Longest.TotalMinutes} minutes: {what}.");
            await Task.Delay(every ?? TimeSpan.FromMilliseconds(1));
        }
    }
}
