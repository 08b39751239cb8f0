using System.Collections.Concurrent;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>
/// Runs work by key. A key runs once at a time, and a signal that comes while it runs leads to one more run. A key whose run failed is
/// held back by one timer. Signals do not bring that forward, or a busy key would be tried as often as it is signalled; who knows that
/// the cause may be gone signals with <c>now</c>.
/// </summary>
/// <param name="clock">Whose timers hold back.</param>
/// <param name="atOnce">How many keys run at a time.</param>
/// <param name="gather">How long the first key that is signalled waits for others; zero for not at all.</param>
/// <param name="make">Makes the work of a key when that is asked for first.</param>
internal sealed class KeyedWorker<TKey, TWork>(TimeProvider clock, int atOnce, TimeSpan gather, Func<TKey, TWork> make)
    where TKey : notnull where TWork : KeyedWork
{
    private readonly ConcurrentDictionary<TKey, TWork> _all = new();
    private readonly SemaphoreSlim _turns = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gathering = new();
    private Task _gathered = Task.CompletedTask;
    private Func<TWork, CancellationToken, Task>? _run;
    private Func<TWork, Exception, TimeSpan>? _failed;

    /// <summary>The work of every key that was asked for.</summary>
    public IEnumerable<TWork> All => _all.Values;

    public CancellationToken Stopping => _stopping.Token;

    public TWork Of(TKey key) => _all.GetOrAdd(key, make);

    /// <summary>There is something to do.</summary>
    /// <param name="work">For which key.</param>
    /// <param name="now">Also when it is held back.</param>
    public void Signal(TWork work, bool now = false)
    {
        if (!work.Signal(now)) return;
        // Unsafe: not in the trace of who signals.
        ThreadPool.UnsafeQueueUserWorkItem(static one => _ = one.Worker.RunAsync(one.Work), (Worker: this, Work: work), preferLocal: false);
    }

    /// <summary>Begins; what was signalled before waits for it.</summary>
    /// <param name="run">Does all that there is to do for a key. What it throws holds the key back.</param>
    /// <param name="failed">Told what a run threw; answers for how long the key is held back.</param>
    public void Start(Func<TWork, CancellationToken, Task> run, Func<TWork, Exception, TimeSpan> failed)
    {
        (_run, _failed) = (run, failed);
        _turns.Release(atOnce);
    }

    /// <summary>Ends with what is running; what else is signalled or held back is left.</summary>
    public async Task StopAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        // Whoever runs gives its turn back.
        for (var i = 0; _run is not null && i < atOnce; i++) await _turns.WaitAsync();
    }

    private async Task RunAsync(TWork work)
    {
        try
        {
            do
            {
                await GatherAsync();
                await _turns.WaitAsync(Stopping);
                var rest = TimeSpan.Zero;
                try
                {
                    work.BeginRun();
                    await _run!(work, Stopping);
                }
                catch (Exception error) when (!Stopping.IsCancellationRequested)
                {
                    rest = _failed!(work, error);
                }
                finally
                {
                    _turns.Release();
                }

                if (rest > TimeSpan.Zero) await work.RestAsync(rest, clock, Stopping);
            }
            while (!work.IsDone());
        }
        catch (Exception) when (Stopping.IsCancellationRequested)
        {
            // The next start looks at every key.
        }
    }

    private async ValueTask GatherAsync()
    {
        if (gather == TimeSpan.Zero) return;
        Task gathered;
        lock (_gathering) gathered = _gathered.IsCompleted ? _gathered = Task.Delay(gather, Stopping) : _gathered;
        await gathered;
        // The one timer continues all of them, one after the other: each goes on elsewhere.
        await Task.Yield();
    }
}

/// <summary>How the work of one key stands with its worker, in the memory of this process.</summary>
internal abstract class KeyedWork
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private bool _isActive;
    private bool _isDue;
    private bool _now;
    private TaskCompletionSource? _rest;
    private int _failures;

    /// <summary>Whether there is nothing to do, as far as this process knows.</summary>
    public bool IsIdle => !Volatile.Read(ref _isActive);

    /// <summary>Whether it waits until what held it back may be over.</summary>
    public bool IsHeldBack => Volatile.Read(ref _rest) is not null;

    /// <summary>It works: the next failure is the first.</summary>
    public virtual void Recovered() => Volatile.Write(ref _failures, 0);

    /// <summary>How long it is held back after one more failure: twice as long each time.</summary>
    internal TimeSpan NextRest(TimeSpan longest)
    {
        var rest = Shortest * Math.Pow(2, Math.Min(Interlocked.Increment(ref _failures), 12));
        return rest < longest ? rest : longest;
    }

    /// <returns>Whether it was idle.</returns>
    internal bool Signal(bool now)
    {
        lock (_gate)
        {
            var wasIdle = !_isActive;
            (_isActive, _isDue, _now) = (true, true, _now || now);
            if (now) EndRest();
            return wasIdle;
        }
    }

    internal void BeginRun()
    {
        lock (_gate) (_isDue, _now) = (false, false);
    }

    internal bool IsDone()
    {
        lock (_gate) return !(_isActive = _isDue);
    }

    internal async Task RestAsync(TimeSpan time, TimeProvider clock, CancellationToken stopping)
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ITimer timer;
        lock (_gate)
        {
            _isDue = true;
            // The cause may be gone since the run began.
            if (_now) return;
            timer = clock.CreateTimer(_ => EndRest(), null, time, Timeout.InfiniteTimeSpan);
            _rest = rest;
        }

        // Disposed of before the next rest begins, which it must not end.
        await using (timer) await rest.Task.WaitAsync(stopping);
    }

    private void EndRest()
    {
        lock (_gate)
        {
            _rest?.TrySetResult();
            _rest = null;
        }
    }
}
