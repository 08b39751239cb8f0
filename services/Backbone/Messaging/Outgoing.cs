using BeschutWerk.Backbone.Events;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>One store whose own events are published, in the memory of this process.</summary>
internal sealed class Outgoing(EventFeed feed)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private int _woken;
    private int _failures;
    private int _held;
    private long _confirmed = -1;

    public EventFeed Feed { get; } = feed;

    public SemaphoreSlim Gate { get; } = new(1);

    public bool IsKnown => Volatile.Read(ref _confirmed) >= 0;

    /// <summary>Sequence up to which the broker has confirmed.</summary>
    public long Confirmed => Math.Max(0, Volatile.Read(ref _confirmed));

    /// <summary>What of that stands in the store.</summary>
    public long Remembered { get; set; }

    /// <summary>Whether there may be events that the broker has not confirmed.</summary>
    public bool IsBehind => Volatile.Read(ref _woken) != 0 || Volatile.Read(ref _failures) > 0 || Gate.CurrentCount == 0;

    /// <summary>Whether to look now; while it is held back, the end of that looks anyway.</summary>
    public bool TryWake() => Volatile.Read(ref _held) == 0 && Interlocked.Exchange(ref _woken, 1) == 0;

    public void Release() => Volatile.Write(ref _held, 0);

    public void Taken() => Volatile.Write(ref _woken, 0);

    public void Recovered() => Volatile.Write(ref _failures, 0);

    public TimeSpan HoldBack()
    {
        Volatile.Write(ref _held, 1);
        var delay = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(Interlocked.Increment(ref _failures), 12)));
        return delay < Longest ? delay : Longest;
    }

    public void Confirm(long sequence)
    {
        if (!IsKnown) Remembered = sequence;
        Volatile.Write(ref _confirmed, sequence);
    }
}
