using System.Collections.Concurrent;
using BeschutWerk.Backbone.Messaging;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>How often a key is run, however often it is signalled; by a clock that stands still unless the test moves it.</summary>
public sealed class KeyedWorkerTests : IAsyncDisposable
{
    private readonly HandClock _clock = new();
    private readonly KeyedWorker<string, Key> _worker;
    private readonly ConcurrentQueue<string> _runs = new();
    private Func<Key, Task> _run = _ => throw new IOException("away");

    public KeyedWorkerTests() => _worker = new KeyedWorker<string, Key>(_clock, 4, gather: default, name => new Key(name));

    private Key Busy => _worker.Of("busy");

    [Fact]
    public void During_an_outage_a_busy_key_is_run_as_often_as_the_back_off_says_and_no_more_once_it_is_quiet()
    {
        Start();
        for (var tenths = 0; tenths < 200; tenths++)
        {
            for (var i = 0; i < 20; i++) _worker.Signal(Busy);
            HeldBack();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        HeldBack();
        // At once, and after 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 and 12.7 seconds.
        Assert.Equal(8, _runs.Count);
        for (var seconds = 0; seconds < 60; seconds++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            HeldBack();
        }

        // After 25.5 and 51.1 seconds.
        Assert.Equal(10, _runs.Count);
        Assert.Equal(1, _clock.Timers);
    }

    [Fact]
    public void Whoever_knows_that_the_cause_is_gone_brings_it_forward_and_nothing_is_left_of_the_wait()
    {
        Start();
        _worker.Signal(Busy);
        HeldBack();
        _worker.Signal(Busy, now: true);
        Until(() => _runs.Count == 2 && Busy.IsHeldBack, "it is tried again");
        _run = key =>
        {
            key.Recovered();
            return Task.CompletedTask;
        };
        _worker.Signal(Busy, now: true);
        Until(() => Busy.IsIdle, "it is done");
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(3, _runs.Count);
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public void When_the_cause_goes_while_a_run_fails_the_next_run_is_not_held_back()
    {
        var fails = true;
        _run = key =>
        {
            if (!fails) return Task.CompletedTask;
            fails = false;
            _worker.Signal(key, now: true);
            throw new IOException("away");
        };
        Start();
        _worker.Signal(Busy);
        Until(() => Busy.IsIdle, "it is done");
        Assert.Equal(2, _runs.Count);
    }

    [Fact]
    public async Task A_key_runs_once_at_a_time_and_signals_meanwhile_lead_to_one_more_run()
    {
        var (running, most, go) = (0, 0, new SemaphoreSlim(0));
        _run = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await go.WaitAsync();
            Interlocked.Decrement(ref running);
        };
        // What is signalled before the start waits for it.
        for (var i = 0; i < 100; i++) _worker.Signal(Busy);
        Assert.Empty(_runs);
        Start();
        Until(() => _runs.Count == 1, "it runs");
        for (var i = 0; i < 100; i++) _worker.Signal(Busy);
        go.Release(5);
        Until(() => Busy.IsIdle, "it is done");
        Assert.Equal((2, 1), (_runs.Count, most));

        // Others go on while one is held back or runs.
        _run = key => key.Name == "busy" ? go.WaitAsync() : key.Name == "away" ? throw new IOException("away") : Task.CompletedTask;
        while (go.CurrentCount > 0) await go.WaitAsync(TestContext.Current.CancellationToken);
        foreach (var name in new[] { "busy", "away", "fine" }) _worker.Signal(_worker.Of(name));
        Until(() => _runs.Contains("fine") && _worker.Of("fine").IsIdle && _worker.Of("away").IsHeldBack, "the others run");
        Assert.False(Busy.IsIdle);
        go.Release();
    }

    [Fact]
    public async Task It_stops_with_what_is_running_and_runs_nothing_more()
    {
        var go = new TaskCompletionSource();
        _run = _ => go.Task;
        Start();
        _worker.Signal(Busy);
        Until(() => _runs.Count == 1, "it runs");
        var stopped = _worker.StopAsync();
        _worker.Signal(Busy);
        _worker.Signal(_worker.Of("other"));
        Assert.False(stopped.IsCompleted);
        go.SetResult();
        await stopped.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Single(_runs);
    }

    public async ValueTask DisposeAsync() => await _worker.StopAsync();

    private void Start() => _worker.Start(
        (key, _) =>
        {
            _runs.Enqueue(key.Name);
            return _run(key);
        },
        (key, _) => key.NextRest(TimeSpan.FromSeconds(30)));

    private void HeldBack() => Until(() => Busy.IsHeldBack, "it is held back");

    private static void Until(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)), $"Not within 20 seconds: {what}.");

    private sealed class Key(string name) : KeyedWork
    {
        public string Name { get; } = name;
    }
}
