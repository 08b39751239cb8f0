using System.Collections.Concurrent;

namespace BeschutWerk.Backbone.Events;

/// <summary>The live feeds of this process, for who measures them.</summary>
public sealed class Subscriptions
{
    private readonly ConcurrentDictionary<Subscription, string> _live = new(ReferenceEqualityComparer.Instance);

    /// <summary>By service: how many, and how many events the slowest has not been sent.</summary>
    public IEnumerable<(string Service, int Count, long Lag)> ByService => _live
        .GroupBy(live => live.Value, live => live.Key.Lag)
        .Select(service => (service.Key, service.Count(), service.Max()));

    /// <summary>Begins one; it ends when it is disposed.</summary>
    internal Subscription Begin(EventFeed feed, long position)
    {
        var subscription = new Subscription(this, feed, position);
        _live.TryAdd(subscription, feed.Store.Service);
        return subscription;
    }

    internal sealed class Subscription(Subscriptions all, EventFeed feed, long position) : IDisposable
    {
        private long _position = position;

        /// <summary>Up to where the subscriber was sent everything.</summary>
        public long Position
        {
            get => Volatile.Read(ref _position);
            set => Volatile.Write(ref _position, value);
        }

        /// <summary>As far as this process knows, for a store is not opened to be asked.</summary>
        public long Lag => Math.Max(0, feed.NewestPosition - Position);

        public void Dispose() => all._live.TryRemove(this, out _);
    }
}
