using System.Collections.Concurrent;
using System.Threading.Channels;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>
/// Hands the own events of one service's stores to a broker, each store's in order, and remembers how far the broker has
/// confirmed. A commit wakes it; at start it looks through all stores. What cannot be published now stays in the log.
/// </summary>
/// <param name="runtime">Whose stores.</param>
/// <param name="publish">Completes when the broker has confirmed; called in order for each store.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class Dispatcher(ServiceRuntime runtime, Func<CloudEvent, CancellationToken, Task> publish, ILogger log)
{
    /// <summary>Events of one store in flight at once: confirms come in bulk, and a page is what a failure publishes again.</summary>
    private const int PageSize = 256;
    private const int Workers = 4;
    private static readonly TimeSpan RememberEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<StoreName, Outgoing> _stores = new();
    private readonly Channel<Outgoing> _woken = Channel.CreateUnbounded<Outgoing>();
    private readonly CancellationTokenSource _stopping = new();
    private List<Task> _workers = [];

    /// <summary>Own events that the broker has not confirmed: how many, and when the oldest was logged.</summary>
    public (long Count, DateTimeOffset? Oldest) Waiting()
    {
        var waiting = _stores.Values.Where(store => store.IsBehind).Select(store => store.Feed.Waiting(store.Confirmed)).ToList();
        return (waiting.Sum(store => store.Count), waiting.Min(store => store.Oldest));
    }

    public void Wake(StoreName store)
    {
        var outgoing = _stores.GetOrAdd(store, name => new Outgoing(runtime.Feed(name.Tenant)));
        if (outgoing.TryWake()) _woken.Writer.TryWrite(outgoing);
    }

    /// <summary>The broker is back: what was held back need not wait any longer.</summary>
    public void Resume()
    {
        foreach (var store in _stores.Values) WakeNow(store);
    }

    public void Start() => _workers =
    [
        .. Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)),
        Task.Run(LookThroughStores),
        Task.Run(RememberAsync),
    ];

    public async Task StopAsync()
    {
        _woken.Writer.TryComplete();
        await _stopping.CancelAsync();
        await Task.WhenAll(_workers);
        await RememberAllAsync();
    }

    private void LookThroughStores()
    {
        Wake(new StoreName(runtime.Name, null));
        foreach (var tenant in runtime.Tenants.All)
        {
            if (_stopping.IsCancellationRequested) return;
            if (runtime.HasTenantStores && runtime.Feed(tenant).Exists) Wake(new StoreName(runtime.Name, tenant));
        }
    }

    private async Task WorkAsync()
    {
        await foreach (var store in _woken.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (_stopping.IsCancellationRequested) return;
            await store.Gate.WaitAsync(CancellationToken.None);
            store.Taken();
            try
            {
                await PublishAllAsync(store);
                store.Recovered();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                var delay = store.HoldBack();
                log.LogWarning("{Store} keeps its events for {Delay}: {Error}", store.Feed.Store, delay, error.Message);
                _ = WakeLaterAsync(store, delay);
            }
            finally
            {
                store.Gate.Release();
            }
        }
    }

    private async Task PublishAllAsync(Outgoing store)
    {
        if (!store.IsKnown) store.Confirm(store.Feed.Published());
        while (!_stopping.IsCancellationRequested)
        {
            var page = store.Feed.ReadOwnAfter(store.Confirmed, PageSize);
            var published = page.Select(logged => (logged.Event.Sequence, Confirmed: publish(logged.Event, _stopping.Token))).ToList();
            await ConfirmAsync(store, published);
            FailPoints.Hit("after-confirm");
            if (page.Count < PageSize) return;
        }
    }

    private static async Task ConfirmAsync(Outgoing store, List<(long Sequence, Task Confirmed)> published)
    {
        Exception? first = null;
        foreach (var (sequence, confirmed) in published)
        {
            try
            {
                await confirmed;
                // Behind one that failed nothing counts: it is published again, and consumers know what they have.
                if (first is null) store.Confirm(sequence);
            }
            catch (Exception error)
            {
                first ??= error;
            }
        }

        if (first is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
    }

    private async Task WakeLaterAsync(Outgoing store, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _stopping.Token);
            WakeNow(store);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the next start looks through all stores.
        }
    }

    private void WakeNow(Outgoing store)
    {
        store.Release();
        if (store.TryWake()) _woken.Writer.TryWrite(store);
    }

    private async Task RememberAsync()
    {
        using var timer = new PeriodicTimer(RememberEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) await RememberAllAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopping remembers once more.
        }
    }

    private async Task RememberAllAsync()
    {
        foreach (var store in _stores.Values)
        {
            var confirmed = store.Confirmed;
            if (confirmed <= store.Remembered) continue;
            try
            {
                await store.Feed.RememberPublishedAsync(confirmed);
                store.Remembered = confirmed;
            }
            catch (Exception error)
            {
                // Costs a repetition after the next start, which consumers ignore.
                log.LogWarning("{Store} could not remember what the broker confirmed: {Error}", store.Feed.Store, error.Message);
            }
        }
    }
}
