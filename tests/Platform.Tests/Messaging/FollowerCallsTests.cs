using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>How many calls followers make to a service that hangs or fails; by a clock that stands still unless the test moves it.</summary>
public sealed class FollowerCallsTests : IAsyncDisposable
{
    private const int Turns = 4, Sources = 20;

    private readonly HandClock _clock = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<bool>> _open = new();
    private readonly CallsToService _calls;
    private readonly KeyedWorker<string, Key> _worker;
    private int _again, _healthy, _answered;
    private volatile bool _answers;

    public FollowerCallsTests()
    {
        _worker = new KeyedWorker<string, Key>(_clock, Turns, gather: default, name => new Key(name));
        _calls = new CallsToService("hangs", _clock, () =>
        {
            Interlocked.Increment(ref _again);
            foreach (var key in _worker.All.Where(key => !key.IsIdle)) _worker.Signal(key, now: true);
        });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_source_that_hangs_takes_the_turns_for_two_seconds_and_then_one_of_them_until_it_answers()
    {
        _worker.Start(
            async (key, stop) =>
            {
                if (key.Name == "healthy") Interlocked.Increment(ref _healthy);
                else await AskAsync(key.Name, stop);
                key.Recovered();
            },
            (key, _) => key.NextRest(TimeSpan.FromSeconds(2)));
        for (var i = 0; i < Sources; i++) _worker.Signal(_worker.Of($"hangs {i}"));
        Until(() => _open.Count == Turns, "all turns are taken");
        var first = _open.Keys.ToHashSet();
        _worker.Signal(_worker.Of("healthy"));
        _clock.Advance(CallsToService.LongestSilence);
        Until(() => _open.Count == 1 && Volatile.Read(ref _healthy) == 1, "the healthy one has its turn");
        Assert.Contains(Assert.Single(_open).Key, first);

        // The others are held back, each outside the turns.
        for (var round = 2; round <= 20; round++)
        {
            Until(() => _worker.All.Count(key => key.IsHeldBack) == Sources - 1, "the others are held back");
            _clock.Advance(TimeSpan.FromMilliseconds(700));
            _worker.Signal(_worker.Of("healthy"));
            var now = round;
            Until(() => Volatile.Read(ref _healthy) == now && _worker.Of("healthy").IsIdle, "the healthy one has its turn");
            Assert.Single(_open);
        }

        // The one that was left fails at last: after a rest the next one is asked, alone.
        var alone = Assert.Single(_open);
        alone.Value.SetException(new RpcException(new Status(StatusCode.DeadlineExceeded, "hangs")));
        Until(() => _open.IsEmpty && _worker.Of(alone.Key).IsHeldBack, "it is held back too");
        for (var tenths = 0; tenths < 30 && _open.IsEmpty; tenths++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            Until(() => _open.Count + _worker.All.Count(key => key.IsHeldBack) >= Sources, "each is held back, or asks");
        }

        // When that one is answered, all are.
        _answers = true;
        Assert.Single(_open).Value.SetResult(true);
        Until(() => _worker.All.All(key => key.IsIdle), "all are done");
        Assert.True(Volatile.Read(ref _answered) >= Sources);
        Assert.Equal(1, Volatile.Read(ref _again));
        _clock.Advance(CallsToService.LongestSilence);
        Until(() => _clock.Timers == 0, "nothing is left of the wait");
    }

    [Fact]
    public async Task After_a_failure_one_call_at_a_time_is_let_through_until_one_is_answered()
    {
        await FailAsync(StatusCode.Unavailable);
        Assert.Equal(ErrorReason.ServiceUnreachable, Refused());
        _clock.Advance(CallsToService.AskAgainAfter);
        var only = _calls.Begin(Cancel);
        Assert.Equal(ErrorReason.ServiceUnreachable, Refused());
        await Assert.ThrowsAsync<RpcException>(() => only.AnswerAsync(Fails<bool>(StatusCode.Unavailable)));

        // The service is there again: the next call does not rest.
        Assert.True(_calls.TakeFailed());
        Assert.False(_calls.TakeFailed());
        only = _calls.Begin(Cancel);
        Assert.Equal(ErrorReason.ServiceUnreachable, Refused());
        Assert.True(await only.AnswerAsync(Task.FromResult(true)));
        Assert.Equal(1, Volatile.Read(ref _again));
        BeginSeveral();
    }

    [Fact]
    public async Task One_log_that_hangs_does_not_hold_up_the_others_of_its_service()
    {
        var hangs = _calls.Begin(Cancel);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await _calls.Begin(Cancel).AnswerAsync(Task.FromResult(true)));
        _clock.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<RpcException>(() => hangs.AnswerAsync(Fails<bool>(StatusCode.DeadlineExceeded)));
        BeginSeveral();
    }

    [Fact]
    public async Task A_service_that_refuses_or_has_one_store_out_of_service_answers()
    {
        await FailAsync(StatusCode.PermissionDenied);
        BeginSeveral();
        var quarantined = Refusal.Of(ErrorReason.StoreQuarantined, "Its file is damaged.").ToRpcException();
        Assert.Equal(StatusCode.Unavailable, quarantined.StatusCode);
        await Assert.ThrowsAsync<RpcException>(() => _calls.Begin(Cancel).AnswerAsync(Task.FromException<bool>(quarantined)));
        BeginSeveral();
        Assert.False(_calls.TakeFailed());
    }

    [Fact]
    public async Task A_call_for_which_nobody_waits_any_more_makes_room_for_the_next_and_says_nothing_of_the_service()
    {
        await FailAsync(StatusCode.Unavailable);
        _clock.Advance(CallsToService.AskAgainAfter);
        using var gone = new CancellationTokenSource();
        var asking = AskAsync("only", gone.Token);
        await gone.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => asking)).StatusCode);
        _ = _calls.Begin(Cancel);
        Assert.Equal(ErrorReason.ServiceUnreachable, Refused());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open.Values) open.TrySetResult(true);
        await _worker.StopAsync();
    }

    /// <summary>Hangs until the test lets it go on, or until the call is cancelled.</summary>
    private async Task AskAsync(string name, CancellationToken cancel)
    {
        var call = _calls.Begin(cancel);
        await call.AnswerAsync(HangAsync());

        async Task<bool> HangAsync()
        {
            var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_answers) Assert.True(_open.TryAdd(name, answer));
            else answer.SetResult(true);
            try
            {
                await using (call.Cancel.Register(() => answer.TrySetException(new RpcException(new Status(StatusCode.Cancelled, "cancelled")))))
                {
                    var answered = await answer.Task;
                    Interlocked.Increment(ref _answered);
                    return answered;
                }
            }
            finally
            {
                _open.TryRemove(name, out _);
            }
        }
    }

    private async Task FailAsync(StatusCode status) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(() => _calls.Begin(Cancel).AnswerAsync(Fails<bool>(status)))).StatusCode);

    private static Task<T> Fails<T>(StatusCode status) => Task.FromException<T>(new RpcException(new Status(status, "fails")));

    private ErrorReason Refused() => RefusalStatus.ReasonOf(Assert.Throws<RpcException>(() => { _calls.Begin(Cancel); }));

    private void BeginSeveral()
    {
        var open = Enumerable.Range(0, 8).Select(_ => _calls.Begin(Cancel)).ToList();
        foreach (var call in open) _calls.End(call);
    }

    private static void Until(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)), $"Not within 20 seconds: {what}.");

    private sealed class Key(string name) : KeyedWork
    {
        public string Name { get; } = name;
    }
}
