using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Events;

/// <summary>The log of one store as a feed, without its type of store: what subscriptions and consumers read.</summary>
public abstract class EventFeed
{
    /// <summary>Which store.</summary>
    public abstract StoreName Store { get; }

    /// <summary>Completes when the log grew after this was asked for.</summary>
    public abstract Task Changed { get; }

    /// <summary>Whether the store was made yet; one that was not has raised nothing.</summary>
    public abstract bool Exists { get; }

    /// <summary>The source that the store stamps, and its epoch.</summary>
    public abstract (string Source, string Epoch) Identity();

    /// <summary>The highest position.</summary>
    public abstract long Head();

    /// <summary>Own and received events after a position.</summary>
    public abstract IReadOnlyList<LoggedEvent> ReadAfter(long position, int most);

    /// <summary>Own events after a sequence.</summary>
    public abstract IReadOnlyList<LoggedEvent> ReadOwnAfter(long sequence, int most);

    /// <summary>Sequence of the own event up to which the broker has confirmed, as far as that was remembered.</summary>
    internal abstract long Published();

    /// <summary>Remembers how far the broker has confirmed.</summary>
    internal abstract Task RememberPublishedAsync(long sequence);

    /// <summary>Own events after a sequence: how many, and when the first of them was logged.</summary>
    internal abstract (long Count, DateTimeOffset? Oldest) Waiting(long sequence);
}

internal sealed class EventFeed<TStore>(StoreHandle<TStore> handle, string service) : EventFeed where TStore : StoreContext
{
    private readonly Caller _caller = Caller.OfService(service);

    public override StoreName Store => handle.Name;

    public override Task Changed => handle.Changed;

    public override bool Exists => handle.Exists;

    public override (string Source, string Epoch) Identity() => handle.Identity();

    public override long Head() => handle.Read(_caller, EventLog.Head);

    public override IReadOnlyList<LoggedEvent> ReadAfter(long position, int most)
    {
        if (handle.Tail().ReadAfter(position, most) is { } newest) return newest;
        var (source, _) = handle.Identity();
        return handle.Read(_caller, session => EventLog.ReadAfter(session, Store, source, position, most));
    }

    public override IReadOnlyList<LoggedEvent> ReadOwnAfter(long sequence, int most)
    {
        if (handle.Tail().ReadOwnAfter(sequence, most) is { } newest) return newest;
        var (source, _) = handle.Identity();
        return handle.Read(_caller, session => EventLog.ReadOwnAfter(session, Store, source, sequence, most));
    }

    internal override long Published() => handle.Read(_caller, session => (long)session.Command("SELECT sequence FROM published").ExecuteScalar()!);

    internal override Task RememberPublishedAsync(long sequence) => handle.WriteAsync(WriteInfo.Capture(_caller), session =>
        session.Command("UPDATE published SET sequence = MAX(sequence, $sequence)").Set("$sequence", sequence).ExecuteNonQuery());

    internal override (long Count, DateTimeOffset? Oldest) Waiting(long sequence) => handle.Read(_caller, session =>
    {
        using var row = session.Command("SELECT COUNT(*), MIN(time) FROM events WHERE source_id = 0 AND sequence > $after").Set("$after", sequence).ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.IsDBNull(1) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)));
    });
}
