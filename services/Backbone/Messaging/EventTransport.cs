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

/// <summary>A page of own events of a source, after a sequence.</summary>
/// <param name="Source">The URN that the source stamps now, epoch included.</param>
/// <param name="Events">The events, in order, without holes.</param>
public sealed record SourcePage(string Source, IReadOnlyList<CloudEvent> Events);

/// <summary>
/// The one seam between services: how a consumer hears that a source has more, and how it reads it. The logs make
/// delivery true; a transport only makes it fast.
/// </summary>
public abstract class EventTransport
{
    /// <summary>Own events were committed to a store; called by its writer after the commit.</summary>
    public abstract void Committed(StoreName store);

    /// <summary>Reads own events of a source after a sequence.</summary>
    /// <exception cref="Grpc.RefusalException">SERVICE_UNREACHABLE: the producer does not answer; try again later.</exception>
    public abstract Task<SourcePage> ReadAsync(SourceKey source, long afterSequence, int most, CancellationToken cancel);

    /// <summary>Begins to carry events: the services of this process are open and follow.</summary>
    internal virtual void Start()
    {
    }

    /// <summary>Ends it, before the services close.</summary>
    internal virtual Task StopAsync() => Task.CompletedTask;
}
