using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Platform.Tests.Webhooks;

public sealed class LanesTests
{
    private static readonly Attempt Well = new(DateTimeOffset.UnixEpoch, DeliveryFailure.Unspecified, 200), Failed = new(DateTimeOffset.UnixEpoch, DeliveryFailure.Timeout);

    [Fact]
    public async Task However_many_receivers_are_dead_the_others_do_not_wait_for_them()
    {
        using var lanes = new Lanes();
        using var stop = new CancellationTokenSource();
        var (answers, underWay) = (new TaskCompletionSource<Attempt>(), 0);
        var dead = Enumerable.Range(0, 500).Select(_ => lanes.RunAsync(slow: true, () =>
        {
            Interlocked.Increment(ref underWay);
            return answers.Task;
        }, stop.Token)).ToList();

        for (var i = 0; i < 200; i++) Assert.False((await lanes.RunAsync(slow: false, () => Task.FromResult(Well), stop.Token).WaitAsync(TimeSpan.FromSeconds(20))).Slow);
        Assert.True((await lanes.RunAsync(slow: false, () => Task.FromResult(Failed), stop.Token)).Slow);
        Assert.Equal(64, underWay);
        answers.SetResult(Failed);
        Assert.All(await Task.WhenAll(dead), outcome => Assert.True(outcome.Slow));
        Assert.Equal(500, underWay);
    }
}
