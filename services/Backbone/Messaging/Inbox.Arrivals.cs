using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Messaging;

/// <content>What a broker delivers.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>Deliveries overtake each other by some milliseconds; reading the log for that would cost more than waiting.</summary>
    private static readonly TimeSpan Overtaking = TimeSpan.FromMilliseconds(20);

    public override Task OfferAsync(SourceKey source, CloudEvent arrived)
    {
        if (!Follows(source)) return Task.CompletedTask;
        var follower = _followers.GetOrAdd(source, key => new Follower(key));
        // What holds it back holds this event too, and then the log is read.
        if (follower.IsHeldBack || _stopping.IsCancellationRequested) return Task.CompletedTask;
        var arrival = new Arrival(arrived);
        follower.Arrive(arrival);
        Enqueue(follower);
        return arrival.Settled;
    }

    /// <summary>Applies what was delivered, as far as it follows what was applied.</summary>
    /// <param name="arrived">Settled by the caller; what still waits for one before it is taken out.</param>
    /// <returns>False when the log is to be read.</returns>
    private async Task<bool> TakeInAsync(Follower follower, List<Arrival> arrived, CancellationToken cancel)
    {
        var store = _storeOf(follower.Key.Origin);
        var mark = MarkOf(follower, store);
        // Of a source that is not followed yet, or that was restored: the log says what comes before it.
        if (follower.Careful > 0 || arrived.Exists(arrival => arrival.Event.Source != mark.Source)) return false;
        var news = arrived.Where(arrival => arrival.Event.Sequence > mark.Applied).OrderBy(arrival => arrival.Event.Sequence).ToList();
        if (news.Count == 0) return true;
        var run = new List<CloudEvent>(news.Count);
        foreach (var arrival in news)
        {
            if (arrival.Event.Sequence == mark.Applied + run.Count + 1) run.Add(arrival.Event);
        }

        if (run.Count > 0)
        {
            if (store.Name.Tenant is { } tenant) await _runtime.AdmitAsync(tenant, alsoSuspended: true, cancel);
            if (follower.IsToBeCounted && (!await CountAttemptAsync(store, follower, run[0], cancel) || follower.Careful > 0)) return false;
            await ApplyAsync(store, follower, new SourcePage(mark.Source, run), cancel);
            // One was parked: the log says what comes behind it.
            if (follower.Mark is null) return false;
        }

        var beyond = news.Where(arrival => arrival.Event.Sequence > mark.Applied + run.Count).ToList();
        if (beyond.Exists(arrival => arrival.HasWaited(Overtaking))) return false;
        if (beyond.Count > 0) LetWait(follower, arrived, beyond);
        return true;
    }

    private void LetWait(Follower follower, List<Arrival> arrived, List<Arrival> beyond)
    {
        foreach (var arrival in beyond)
        {
            arrival.Wait();
            arrived.Remove(arrival);
        }

        follower.Arrive(beyond);
        if (follower.TryPlanLook()) _ = LookLaterAsync(follower);
    }

    private async Task LookLaterAsync(Follower follower)
    {
        try
        {
            await Task.Delay(Overtaking, _stopping.Token);
            follower.LookCame();
            Enqueue(follower);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the next start looks at every source anyway.
        }
    }
}
