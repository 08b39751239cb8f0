using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Messaging;

/// <content>What a broker delivers.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    public override void Offer(SourceKey source, CloudEvent arrived, Action settled)
    {
        var follower = Follows(source) ? _followers.Of(source) : null;
        // What holds it back holds this event too, and then the log is read.
        if (follower is null or { IsHeldBack: true } || _followers.Stopping.IsCancellationRequested)
        {
            settled();
            return;
        }

        follower.Arrive(new Arrival(arrived, settled));
        _followers.Signal(follower);
    }

    /// <summary>Applies what was delivered, as far as it follows what was applied.</summary>
    /// <returns>False when the log is to be read.</returns>
    private async Task<bool> TakeInAsync(Follower follower, List<Arrival> arrived, CancellationToken cancel)
    {
        var store = _storeOf(follower.Key.Origin);
        var mark = MarkOf(follower, store);
        // Of a source that is not followed yet, or that was restored: the log says what comes before it. And what is counted as an attempt
        // is counted where it is taken back when it has to wait.
        if (follower.IsToBeCounted || arrived.Exists(arrival => arrival.Event.Source != mark.Source)) return false;
        var run = new List<CloudEvent>(arrived.Count);
        var isWhole = true;
        foreach (var (next, _) in arrived)
        {
            if (next.Sequence == mark.Applied + run.Count + 1) run.Add(AsSeenHere(follower.Key, next));
            // Deliveries come in the order in which they were published: what is missing before this one comes no more.
            else if (next.Sequence > mark.Applied + run.Count) isWhole = false;
        }

        if (run.Count > 0)
        {
            if (store.Name.Tenant is { } tenant) await _runtime.RequireKnownAsync(tenant, cancel, follows: true);
            await ApplyAsync(store, follower, new SourcePage(mark.Source, run), cancel);
            // One was parked: the log says what comes behind it.
            if (follower.Mark is null) return false;
        }

        return isWhole;
    }
}
