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
}
