namespace BeschutWerk.Bench;

/// <summary>Completes when so many things have come.</summary>
internal sealed class Countdown
{
    private TaskCompletionSource _done = new();
    private long _left;

    /// <summary>From now on so many are to come.</summary>
    public Task Expect(long count)
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, count);
        return _done.Task;
    }

    public void Came(long count = 1)
    {
        if (Interlocked.Add(ref _left, -count) <= 0) _done.TrySetResult();
    }
}
