using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Who asks for work that others asked for too.</summary>
public sealed class SharedRunsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly SharedRuns<string> _runs = new();
    private readonly TaskCompletionSource _open = new();
    private readonly TaskCompletionSource _began = new();
    private int _count;

    [Fact]
    public async Task Whoever_asks_while_it_runs_shares_the_next_run_which_begins_afterwards()
    {
        var first = _runs.RunAsync("one", HoldAsync);
        await _began.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        var later = Enumerable.Range(0, 5).Select(_ => _runs.RunAsync("one", CountAsync)).ToList();
        await _runs.RunAsync("another", CountAsync).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(2, _count);
        Assert.All(later, run => Assert.False(run.IsCompleted));

        _open.SetResult();
        await Task.WhenAll([first, .. later]).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(3, _count);
    }

    [Fact]
    public async Task A_run_that_fails_tells_those_who_waited_for_it_and_keeps_nobody_else_from_theirs()
    {
        await Assert.ThrowsAsync<IOException>(() => _runs.RunAsync("one", () => throw new IOException()));
        await _runs.RunAsync("one", CountAsync).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(1, _count);
    }

    private Task CountAsync()
    {
        Interlocked.Increment(ref _count);
        return Task.CompletedTask;
    }

    private Task HoldAsync()
    {
        Interlocked.Increment(ref _count);
        _began.SetResult();
        return _open.Task;
    }
}
