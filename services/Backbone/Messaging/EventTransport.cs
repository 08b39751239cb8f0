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
    /// <summary>Whose log an event stands in, by its source: <c>urn:nld:oin:&lt;OIN&gt;:systeem:beschutwerk-&lt;service&gt;:&lt;origin&gt;:&lt;epoch&gt;</c>.</summary>
    internal static SourceKey Of(CloudEvent received)
    {
        var parts = received.Source.Split(':');
        return new SourceKey(parts[5]["beschutwerk-".Length..], TenantId.TryParse(parts[6], out var tenant) ? tenant : null);
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
}
