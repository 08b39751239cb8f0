using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>All services in one process: a commit wakes the consumers, and they read straight from the producer's log.</summary>
public sealed class EmbeddedTransport(IServiceProvider services) : EventTransport
{
    // Asked for late: the services are made with this transport.
    private readonly Lazy<ServiceRuntimes> _runtimes = new(services.GetRequiredService<ServiceRuntimes>);

    /// <inheritdoc/>
    public override void Committed(StoreName store)
    {
        var key = new SourceKey(store.Service, store.Tenant);
        foreach (var service in _runtimes.Value.All)
        {
            foreach (var inbox in service.Inboxes) inbox.Wake(key);
        }
    }

    /// <inheritdoc/>
    public override Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel)
    {
        var producer = _runtimes.Value.Find(source.Service)
            ?? throw Refusal.Of(ErrorReason.ServiceUnreachable, $"{source.Service} is not in this process.").ToException();
        return Task.FromResult(Read(producer, source, after, most));
    }

    /// <summary>Reads straight from the log of a service of this process.</summary>
    internal static SourcePage Read(ServiceRuntime producer, SourceKey source, SourcePoint after, int most)
    {
        var feed = producer.Feed(source.Origin);
        // Following a municipality must not make its store.
        return feed.Exists ? feed.ReadSource(after, most) : new SourcePage("", []) { EndReached = true };
    }
}
