using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>Whose log: a service's store of one municipality, or its platform store for null.</summary>
/// <param name="Service">Producing service.</param>
/// <param name="Origin">The municipality.</param>
public readonly record struct SourceKey(string Service, TenantId? Origin)
{
    private const string Prefix = "beschutwerk-";

    /// <summary>Whose log an event stands in, by its source: <c>urn:nld:oin:&lt;OIN&gt;:systeem:beschutwerk-&lt;service&gt;:&lt;origin&gt;:&lt;epoch&gt;</c>.</summary>
    /// <exception cref="FormatException">It is not of this platform.</exception>
    internal static SourceKey Of(CloudEvent received)
    {
        if (received.Source.Split(':') is not ["urn", "nld", "oin", _, "systeem", var system, var origin, _] || !system.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new FormatException("The source is no store of this platform.");
        }

        return new SourceKey(system[Prefix.Length..], origin == "platform" ? null : TenantId.Parse(origin));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Service}/{Origin?.Code ?? "platform"}";
}

/// <summary>How far one source of a store was read.</summary>
/// <param name="Source">Its URN, epoch included; empty for the first that the store ever stamped.</param>
/// <param name="Sequence">The last event read.</param>
public readonly record struct SourcePoint(string Source, long Sequence);

/// <summary>A page of own events of one source of a store.</summary>
/// <param name="Source">The URN that the store stamps now, epoch included.</param>
/// <param name="Events">The events of the source that was asked for, in order, without holes; none when the store does not hold it.</param>
public sealed record SourcePage(string Source, IReadOnlyList<CloudEvent> Events)
{
    /// <summary>Whether there was nothing behind it when it was read.</summary>
    public bool EndReached { get; init; }

    /// <summary>The sources that the store stamped before it was restored, oldest first.</summary>
    public IReadOnlyList<FormerSource> Former { get; init; } = [];
}

/// <summary>
/// The one seam between services: how a consumer hears that a source has more, and how it reads it. The logs make
/// delivery true; a transport only makes it fast.
/// </summary>
public abstract class EventTransport
{
    /// <summary>Own events were committed to a store; called by its writer after the commit.</summary>
    public abstract void Committed(StoreName store);

    /// <summary>Reads own events of a store behind a point of one of its sources.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: the producer does not answer; try again later.</exception>
    public abstract Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel);

    /// <summary>A service answers now.</summary>
    /// <returns>Whether its log could not be read since it was last said so.</returns>
    internal virtual bool TakeUnreachable(string service) => false;

    /// <summary>How a broker carries this service's events; null when none does.</summary>
    internal virtual BrokerState? Broker(string service) => null;

    /// <summary>Begins to carry events: the services of this process are open and follow.</summary>
    internal virtual void Start()
    {
    }

    /// <summary>Ends it, before the services close.</summary>
    internal virtual Task StopAsync() => Task.CompletedTask;
}

/// <summary>How a broker carries the events of one service.</summary>
/// <param name="Fault">Why it cannot be reached; empty when it can.</param>
/// <param name="Waiting">Own events that it has not confirmed.</param>
/// <param name="WaitingSince">When the oldest of them was logged.</param>
internal sealed record BrokerState(string Fault, long Waiting, DateTimeOffset? WaitingSince);
