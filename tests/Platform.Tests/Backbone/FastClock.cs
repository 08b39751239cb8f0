namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A clock whose day can be moved and whose timers fire fifty times as fast.</summary>
internal sealed class FastClock : TimeProvider
{
    private const int Speed = 50;
    private long _ahead;

    /// <summary>How far it is ahead of the real time.</summary>
    public TimeSpan Ahead
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _ahead));
        set => Volatile.Write(ref _ahead, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Faster(dueTime), Faster(period));

    private static TimeSpan Faster(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / Speed;
}
