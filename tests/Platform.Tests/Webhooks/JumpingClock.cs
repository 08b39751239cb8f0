using System.Collections.Concurrent;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>The real time, put forward by hand: timers that come due by it fire at once.</summary>
public sealed class JumpingClock : TimeProvider
{
    private readonly ConcurrentDictionary<Jumper, bool> _timers = new();
    private long _ahead;

    public TimeSpan Ahead => TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public void Jump(TimeSpan by)
    {
        Interlocked.Add(ref _ahead, by.Ticks);
        foreach (var timer in _timers.Keys) timer.Jumped();
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Jumper(this, callback, state, dueTime, period);

    private sealed class Jumper : ITimer
    {
        private readonly JumpingClock _clock;
        private readonly ITimer _inner;
        private readonly Lock _gate = new();
        private DateTimeOffset? _dueAt;
        private TimeSpan _period;

        public Jumper(JumpingClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _clock = clock;
            _inner = System.CreateTimer(
                _ =>
                {
                    lock (_gate) _dueAt = After(_period);
                    callback(state);
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            clock._timers.TryAdd(this, true);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                (_dueAt, _period) = (After(dueTime), period);
                return _inner.Change(dueTime, period);
            }
        }

        public void Jumped()
        {
            lock (_gate)
            {
                if (_dueAt is not { } dueAt) return;
                var left = dueAt - _clock.GetUtcNow();
                _inner.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, _period);
            }
        }

        public void Dispose()
        {
            _clock._timers.TryRemove(this, out _);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _clock._timers.TryRemove(this, out _);
            return _inner.DisposeAsync();
        }

        private DateTimeOffset? After(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? null : _clock.GetUtcNow() + time;
    }
}
