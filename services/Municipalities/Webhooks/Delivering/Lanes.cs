namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>
/// How many requests are under way at once. Receivers whose last answer was slow or missing have a lane of their own, so that
/// however many of them there are, they only wait for each other.
/// </summary>
sealed class Lanes : IDisposable
{
    private const int RequestsPerLane = 64;

    /// <summary>A receiver that takes longer is in the slow lane the next time.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _quick = new(RequestsPerLane), _slow = new(RequestsPerLane);

    /// <summary>Makes a request when the lane of its receiver has room.</summary>
    /// <param name="slow">Which lane.</param>
    /// <returns>What came of it, and whether the receiver is slow now.</returns>
    public async Task<(Attempt Attempt, bool Slow)> RunAsync(bool slow, Func<Task<Attempt>> request, CancellationToken stop)
    {
        var lane = slow ? _slow : _quick;
        await lane.WaitAsync(stop);
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            var attempt = await request();
            return (attempt, !attempt.Delivered || TimeProvider.System.GetElapsedTime(started) > Quick);
        }
        finally
        {
            lane.Release();
        }
    }

    public void Dispose()
    {
        _quick.Dispose();
        _slow.Dispose();
    }
}
