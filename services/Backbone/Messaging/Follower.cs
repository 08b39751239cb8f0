namespace BeschutWerk.Backbone.Messaging;

/// <summary>How one source is followed by one inbox, in the memory of this process.</summary>
internal sealed class Follower(SourceKey key)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private int _woken;
    private int _failures;

    public SourceKey Key { get; } = key;

    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>How far was applied, as far as this process knows; null: read it.</summary>
    public Sources.Mark? Mark { get; set; }

    /// <summary>Whether this process has begun to handle the source.</summary>
    public bool Started { get; set; }

    /// <summary>How many events are still handled one by one, because an earlier start did not get past one of them.</summary>
    public int Careful { get; set; }

    public bool IsToBeCounted => !Started || Careful > 0;

    /// <summary>Whether there is more than was applied, as far as this process knows; also while it is being applied.</summary>
    public bool IsBehind => Volatile.Read(ref _woken) != 0 || Volatile.Read(ref _failures) > 0 || Gate.CurrentCount == 0;

    public bool TryWake() => Interlocked.Exchange(ref _woken, 1) == 0;

    public void Taken() => Volatile.Write(ref _woken, 0);

    public void Recovered() => Volatile.Write(ref _failures, 0);

    public TimeSpan HoldBack()
    {
        var failures = Interlocked.Increment(ref _failures);
        var delay = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(failures, 12)));
        return delay < Longest ? delay : Longest;
    }
}
