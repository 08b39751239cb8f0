using System.Runtime.ExceptionServices;
using BeschutWerk.Backbone.Events;
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
    private const int PageSize = 256;
    private const int Workers = 4;
    private static readonly TimeSpan RememberEvery = TimeSpan.FromSeconds(5);

    /// <summary>Between two tries of one store.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private readonly KeyedWorker<StoreName, Outgoing> _stores = new(runtime.Clock, Workers, gather: default, name => new Outgoing(runtime.Feed(name.Tenant)));
    private List<Task> _beside = [];

    /// <summary>Own events that the broker has not confirmed: how many, and when the oldest was logged.</summary>
    public (long Count, DateTimeOffset? Oldest) Waiting()
    {
        var waiting = _stores.All.Select(store => (Count: store.Waiting, store.Oldest)).Where(store => store.Count > 0).ToList();
        return (waiting.Sum(store => store.Count), waiting.Min(store => store.Oldest));
    }

    public void Wake(StoreName store) => _stores.Signal(_stores.Of(store));

    /// <summary>The broker is back: what was held back need not wait any longer.</summary>
    public void Resume()
    {
        foreach (var store in _stores.All)
        {
            store.Resume();
            _stores.Signal(store, now: true);
        }
    }

    public void Start()
    {
        _stores.Start(PublishAllAsync, HoldBack);
        _beside = [Task.Run(LookThroughStores), Task.Run(RememberAsync)];
    }

    public async Task StopAsync()
    {
        var stopped = _stores.StopAsync();
        foreach (var store in _stores.All) store.GiveUp();
        await stopped;
        await Task.WhenAll(_beside);
        foreach (var store in _stores.All) store.EndSending();
        await Task.WhenAll(_stores.All.Select(store => store.Confirming));
        await RememberAllAsync();
    }

    private void LookThroughStores()
    {
        Wake(new StoreName(runtime.Name, null));
        foreach (var tenant in runtime.Tenants.All)
        {
            if (_stores.Stopping.IsCancellationRequested) return;
            if (runtime.HasTenantStores && runtime.Feed(tenant).Exists) Wake(new StoreName(runtime.Name, tenant));
        }
    }

    private TimeSpan HoldBack(Outgoing store, Exception error)
    {
        var rest = store.NextRest(LongestRest);
        log.LogWarning("{Store} keeps its events for {Delay}: {Error}", store.Feed.Store, rest, error.Message);
        return rest;
    }

    /// <summary>
    /// Hands over what the log holds, and waits for no confirmation: what is committed meanwhile would wait with it. Those
    /// are taken beside it, in order.
    /// </summary>
    private async Task PublishAllAsync(Outgoing store, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (store.Fault is not null)
            {
                // The last that is in flight wakes the store again.
                if (!store.IsDrained) return;
                ExceptionDispatchInfo.Throw(store.TakeFault());
            }

            if (store.Sent is null) store.Begin();
            var begin = store.Sent!;
            if (store.Feed.ReadOwnAfter(begin, PageSize) is not { } page)
            {
                // It was restored since: its points mean nothing any more, also those of what is in flight.
                store.Forget(new InvalidOperationException("The store was restored."));
                continue;
            }

            if (store.Confirming.IsCompleted) store.Confirming = ConfirmAsync(store);
            if (page.Count > 0) FailPoints.Hit("before-publish");
            foreach (var logged in page)
            {
                if (store.Fault is not null) break;
                var point = begin with { Sequence = logged.Event.Sequence };
                await store.SendAsync(new InFlight(point, logged.Event.Time.ToDateTimeOffset(), publish(logged.Event, store.Attempt)));
            }

            if (page.Count > 0) FailPoints.Hit("after-publish");
            if (page.Count == PageSize || store.Fault is not null) continue;
            if (begin.SourceId == 0) break;
            await store.GoOnAsync();
        }

        if (store.IsDrained) store.Recovered();
    }

    private async Task ConfirmAsync(Outgoing store)
    {
        await foreach (var sent in store.InFlightAsync())
        {
            await store.SettleAsync(sent);
            if (store.Fault is null) FailPoints.Hit("after-confirm");
            else _stores.Signal(store);
        }
    }

    private async Task RememberAsync()
    {
        using var timer = new PeriodicTimer(RememberEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(_stores.Stopping)) await RememberAllAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopping remembers once more.
        }
    }

    private async Task RememberAllAsync()
    {
        foreach (var store in _stores.All)
        {
            var confirmed = store.Confirmed;
            if (confirmed is null || confirmed == store.Remembered) continue;
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
