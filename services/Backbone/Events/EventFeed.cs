using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Events;

/// <summary>The log of one store as a feed, without its type of store: what subscriptions and consumers read.</summary>
public abstract class EventFeed
{
    /// <summary>Which store.</summary>
    public abstract StoreName Store { get; }

    /// <summary>Services whose events stand in the log: the store's own, and those that it keeps.</summary>
    public required IReadOnlySet<string> Producers { get; init; }

    /// <summary>Completes when the log grew after this was asked for.</summary>
    public abstract Task Changed { get; }

    /// <summary>Whether events of a type can stand in the log.</summary>
    public bool MayHold(EventType type) => type.IsPlatform == Store.Tenant is null && Producers.Contains(type.Producer);

    /// <summary>Whether the store was made yet; one that was not has raised nothing.</summary>
    public abstract bool Exists { get; }

    /// <summary>The source that the store stamps, and its epoch.</summary>
    public abstract (string Source, string Epoch) Identity();

    /// <summary>The highest position.</summary>
    public abstract long Head();

    /// <summary>The same as far as this process knows: of the last commit or look at it.</summary>
    internal abstract long NewestPosition { get; }

    /// <summary>Sequence of the last own event that this process committed; 0 before that.</summary>
    internal abstract long NewestOwn { get; }

    /// <summary>Own and received events after a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="most">Events at the most.</param>
    /// <param name="mostBytes">The event whose data reaches it is the last.</param>
    public abstract IReadOnlyList<LoggedEvent> ReadAfter(long position, int most, long mostBytes = long.MaxValue);

    /// <summary>Own events of the source that the store stamps now, after a sequence.</summary>
    public abstract IReadOnlyList<LoggedEvent> ReadOwnAfter(long sequence, int most);

    /// <summary>Own events of one source, as a follower reads them, and which sources there are.</summary>
    internal abstract SourcePage ReadSource(SourcePoint after, int most);

    /// <summary>The own event up to which the broker has confirmed, as far as that was remembered.</summary>
    internal abstract OwnPoint Published();

    /// <summary>Own events after a point of one source; null when the store was restored since.</summary>
    internal abstract IReadOnlyList<LoggedEvent>? ReadOwnAfter(OwnPoint after, int most);

    /// <summary>The beginning of the source that the store stamped next.</summary>
    internal abstract OwnPoint NextOwn(OwnPoint after);

    /// <summary>Remembers how far the broker has confirmed, unless the store was restored since.</summary>
    internal abstract Task RememberPublishedAsync(OwnPoint confirmed);

    /// <summary>How many own events of sources from before a restore stand behind a point, and the last sequence of the source of now.</summary>
    internal abstract (long OfFormer, long Newest) Waiting(OwnPoint after);
}

/// <summary>A point among the own events of a store, whatever source they carry.</summary>
/// <param name="Epoch">Of the store when it was asked: in another one it means nothing.</param>
/// <param name="SourceId">0 for the source that it stamps now, below 0 for one from before a restore.</param>
/// <param name="Sequence">Within that source.</param>
internal sealed record OwnPoint(string Epoch, int SourceId, long Sequence);

internal sealed class EventFeed<TStore>(StoreHandle<TStore> handle, string service) : EventFeed where TStore : StoreContext
{
    private readonly Caller _caller = Caller.OfService(service);

    public override StoreName Store => handle.Name;

    public override Task Changed => handle.Changed;

    public override bool Exists => handle.Exists;

    public override (string Source, string Epoch) Identity() => handle.Identity();

    public override long Head() => handle.NewestPosition = handle.Read(_caller, EventLog.Head);

    internal override long NewestPosition => handle.NewestPosition;

    internal override long NewestOwn => handle.NewestOwn;

    public override IReadOnlyList<LoggedEvent> ReadAfter(long position, int most, long mostBytes = long.MaxValue) =>
        handle.Newest().Tail.ReadAfter(position, most) ?? handle.Read(_caller, session => EventLog.ReadAfter(session, position, most, mostBytes));

    public override IReadOnlyList<LoggedEvent> ReadOwnAfter(long sequence, int most) =>
        handle.Newest().Tail.ReadOwnAfter(sequence, most) ?? handle.Read(_caller, session => EventLog.ReadOwnAfter(session, 0, sequence, most));

    internal override SourcePage ReadSource(SourcePoint after, int most)
    {
        var (tail, source, _) = handle.Newest();
        // Whoever follows the source of now does not ask for those before it.
        return after.Source == source && tail.ReadOwnAfter(after.Sequence, most) is { } newest
            ? new SourcePage(source, [.. newest.Select(logged => logged.Event)]) { EndReached = !PageBytes.IsFull(newest, most, PageBytes.Call) }
            : ReadAnySource(after, most);
    }

    private SourcePage ReadAnySource(SourcePoint after, int most) => handle.Read(_caller, session =>
    {
        var sources = EventLog.FormerSources(session).Append((SourceId: 0, session.Source, Events: 0)).ToList();
        var index = after.Source.Length == 0 ? 0 : sources.FindIndex(known => known.Source == after.Source);
        var events = index < 0 ? [] : EventLog.ReadOwnAfter(session, sources[index].SourceId, after.Sequence, most, PageBytes.Call);
        return new SourcePage(session.Source, [.. events.Select(logged => logged.Event)])
        {
            EndReached = !PageBytes.IsFull(events, most, PageBytes.Call),
            Former = [.. sources.SkipLast(1).Select(former => new FormerSource { Source = former.Source, LastSequence = former.Events })],
        };
    });

    internal override OwnPoint Published() => handle.Read(_caller, session =>
    {
        using var row = session.Command("SELECT source_id, sequence FROM published").ExecuteReader();
        row.Read();
        return new OwnPoint(session.Epoch, row.GetInt32(0), row.GetInt64(1));
    });

    internal override IReadOnlyList<LoggedEvent>? ReadOwnAfter(OwnPoint after, int most)
    {
        var (tail, _, epoch) = handle.Newest();
        if (after.SourceId == 0 && after.Epoch == epoch && tail.ReadOwnAfter(after.Sequence, most) is { } newest) return newest;
        return handle.Read(_caller, session => session.Epoch == after.Epoch ? EventLog.ReadOwnAfter(session, after.SourceId, after.Sequence, most) : null);
    }

    internal override OwnPoint NextOwn(OwnPoint after) => handle.Read(_caller, session =>
        after with { Sequence = 0, SourceId = EventLog.FormerSources(session).Exists(former => former.SourceId == after.SourceId - 1) ? after.SourceId - 1 : 0 });

    internal override Task RememberPublishedAsync(OwnPoint confirmed) => handle.WriteAsync(WriteInfo.Capture(_caller), session =>
        session.Command("UPDATE published SET source_id = $source, sequence = $sequence WHERE (SELECT epoch FROM store) = $epoch")
            .Set("$source", confirmed.SourceId).Set("$sequence", confirmed.Sequence).Set("$epoch", confirmed.Epoch).ExecuteNonQuery());

    internal override (long OfFormer, long Newest) Waiting(OwnPoint after) => handle.Read(_caller, session =>
    {
        // Sources from before a restore count down from -1: behind one of them come those further down.
        using var row = session.Command("""
            SELECT
              (SELECT COUNT(*) FROM events WHERE $source < 0 AND ((source_id = $source AND sequence > $after) OR source_id < $source)),
              (SELECT COALESCE(MAX(sequence), 0) FROM events WHERE source_id = 0)
            """).Set("$source", after.SourceId).Set("$after", after.Sequence).ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.GetInt64(1));
    });
}
