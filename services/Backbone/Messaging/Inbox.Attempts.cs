using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <content>How often a start tried an event: one that kills the process is parked at last.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>The event must wait, and nobody died of it.</summary>
    private async Task TakeBackAttemptAsync(StoreHandle<TStore> store, Follower follower, CloudEvent waits)
    {
        try
        {
            await store.WriteAsync(Info(waits, CancellationToken.None), session =>
            {
                Sources.TakeBackAttempt(session.Statement, Sources.Of(session.Statement, follower.Key, waits.Source).SourceId);
                return true;
            });
        }
        catch (Exception error)
        {
            // Why it must wait is what counts, and is thrown on.
            Log.LogWarning("{Service} could not take back that {Source} was tried: {Fault}", _runtime.Name, follower.Key, FaultText.Of(error));
        }
    }

    /// <summary>
    /// An event that kills the process would do so at every start: counted before it is handled, parked at the fifth. After
    /// a start that did not get past an event, events are handled one by one, so that none is blamed for its neighbour.
    /// </summary>
    /// <returns>Whether to go on with the event.</returns>
    private async Task<bool> CountAttemptAsync(StoreHandle<TStore> store, Follower follower, CloudEvent next, CancellationToken cancel)
    {
        var attempts = await store.WriteAsync(Info(next, cancel), session =>
        {
            var mark = Sources.Of(session.Statement, follower.Key, next.Source);
            if (mark.Attempts + 1 >= MostAttempts) Park(session, follower.Key, next, ParkReason.ProcessDied);
            else Sources.CountAttempt(session.Statement, mark.SourceId);
            return mark.Attempts;
        });
        if (!follower.Started && attempts > 0) follower.Careful = PageSize;
        follower.Started = true;
        if (attempts + 1 < MostAttempts) return true;
        Log.LogError("{Service} parks {Type} {Id} of {Source}: the process died each time", _runtime.Name, next.Type, next.Id, follower.Key);
        follower.Mark = null;
        return false;
    }
}
