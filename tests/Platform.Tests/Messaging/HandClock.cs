using System.Collections.Concurrent;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>Timers fire when the test moves the time past them, before that returns.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly ConcurrentDictionary<HandTimer, bool> _timers = new();
    private TimeSpan _now;

    public int Timers => _timers.Count;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(_now + dueTime, () => callback(state), one => _timers.TryRemove(one, out _));
        _timers.TryAdd(timer, true);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        foreach (var timer in _timers.Keys.Where(timer => timer.Due <= _now)) timer.Fire();
    }

    private sealed class HandTimer(TimeSpan due, Action fire, Action<HandTimer> gone) : ITimer
    {
        public TimeSpan Due { get; } = due;

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => gone(this);

        public ValueTask DisposeAsync()
        {
            gone(this);
            return ValueTask.CompletedTask;
        }
    }
}
