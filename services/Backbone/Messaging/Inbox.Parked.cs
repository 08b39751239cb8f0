using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Messaging;

/// <content>What operators do with parked events.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>The parked events of one store.</summary>
    public List<ParkedEvent> ListParked(TenantId? origin) => _storeOf(origin).Read(_caller, session => ParkedEvents.List(session.Command));

    /// <summary>Handles a whole chain again, in order; what fails again stays, and the rest behind it.</summary>
    /// <param name="origin">Of which store: a municipality's, or null for the platform's.</param>
    /// <param name="ofChain">Any event of it.</param>
    /// <param name="note">Notes who asked for it, in the transaction of the first event that is handled: the rest may fail.</param>
    /// <returns>How many events were handled.</returns>
    public async Task<int> RequeueAsync(TenantId? origin, ParkedEvent ofChain, Action<WriteSession<TStore>> note, CancellationToken cancel)
    {
        var store = _storeOf(origin);
        var handled = 0;
        // Asked for anew each time: while it is handled, the chain may grow at its end.
        while (store.Read(_caller, session => ParkedEvents.First(session.Command, ofChain), cancel) is { } parked)
        {
            var key = SourceKey.Of(parked.Event);
            if (parked.Reason == ParkReason.UnknownMunicipality)
            {
                if (await AdmitStrangerAsync(store, key, parked, session => Noted(session, Remove(session, parked)), cancel)) handled++;
                continue;
            }

            var reactions = await ReadAsync(key, AsSeenHere(key, parked.Event), cancel);
            if (await store.WriteAsync(Info(parked.Event, cancel), session => Noted(session, ApplyParked(session, key, parked, reactions)))) handled++;
        }

        return handled;

        bool Noted(WriteSession<TStore> session, bool isHandled)
        {
            if (isHandled && handled == 0) note(session);
            return isHandled;
        }
    }

    /// <summary>It stands in its producer's log too, and is read from there once its municipality is known.</summary>
    private async Task<bool> AdmitStrangerAsync(
        StoreHandle<TStore> store, SourceKey key, ParkedEvent parked, Func<WriteSession<TStore>, bool> remove, CancellationToken cancel)
    {
        await _runtime.RequireKnownAsync(key.Origin!.Value, cancel);
        var removed = await store.WriteAsync(Info(parked.Event, cancel), remove);
        foreach (var inbox in _runtime.Inboxes) inbox.Wake(key, now: true);
        return removed;
    }

    private bool ApplyParked(WriteSession<TStore> session, SourceKey key, ParkedEvent parked, List<ReadiedReaction> reactions)
    {
        // Another operator may have been faster.
        if (ParkedEvents.First(session.Command, parked)?.ParkedId != parked.ParkedId) return false;
        React(session, new ReceivedEvent(key, parked.Event, parked.Position), reactions);
        return Remove(session, parked);
    }

    private static bool Remove(WriteSession<TStore> session, ParkedEvent parked)
    {
        session.ParkedChanged();
        return ParkedEvents.Remove(session.Command, parked.ParkedId);
    }
}
