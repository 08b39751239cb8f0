using BeschutWerk.Backbone.Store;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <content>What becomes of following when a store was restored from a backup.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    public override async Task RestoredAsync(StoreName restored, CancellationToken cancel)
    {
        foreach (var follower in _followers.All.Where(follower => _storeOf(follower.Key.Origin).Name == restored))
        {
            await follower.Gate.WaitAsync(cancel);
            (follower.Mark, follower.Started, follower.Careful) = (null, false, 0);
            follower.Gate.Release();
            // It reads again what it had received since.
            Wake(follower, now: true);
        }
    }

    /// <summary>
    /// The source that was followed has no more. When its store was restored, what was applied is compared with what the
    /// store still holds, and following goes on with the first source of which something is missing here.
    /// </summary>
    /// <returns>Whether there is more to read.</returns>
    private async Task<bool> GoOnAsync(Follower follower, StoreHandle<TStore> store, Sources.Mark mark, SourcePage page, CancellationToken cancel)
    {
        if (page.Source == mark.Source || page.Source.Length == 0) return false;
        var applied = store.Exists ? store.Read(_caller, session => Sources.Applied(session.Command, follower.Key), cancel) : [];
        var next = Lineage.Next(applied, page);
        if (next.Source == mark.Source) throw new InvalidOperationException($"{follower.Key} holds fewer events than it says.");
        if (applied.Count == 0)
        {
            // A municipality about which nothing was told yet needs no store here.
            follower.Mark = new Sources.Mark(0, next.Source, next.Sequence, 0);
            return true;
        }

        var lost = Lineage.Lost(applied, page);
        await store.WriteAsync(WriteInfo.Capture(_caller, cancel: cancel), session =>
        {
            Sources.Of(session.Statement, follower.Key, next.Source);
            foreach (var source in applied.Keys) Sources.SetLost(session.Command, source, lost.GetValueOrDefault(source));
            return true;
        });
        foreach (var (source, count) in lost)
        {
            Log.LogError("{Service} applied the last {Count} events of {Source}, which {Producer} lost when it was restored", store.Name, count, source, follower.Key);
        }

        Log.LogWarning("{Service} goes on with {Source}: {Producer} was restored", store.Name, next.Source, follower.Key);
        follower.Mark = new Sources.Mark(0, next.Source, next.Sequence, 0);
        return true;
    }
}
