using System.Threading.RateLimiting;

namespace BeschutWerk.Backbone.Limits;

/// <summary>
/// Limiters of .NET, one for each client, municipality or address; .NET forgets those that are not used for ten seconds. The token server is
/// compiled with this file too.
/// </summary>
internal static class Limiters
{
    /// <summary>So many at once.</summary>
    /// <param name="keyOf">Whose limit it is.</param>
    /// <param name="most">How many at once.</param>
    /// <param name="others">What happens to more: they wait for their turn, in the order in which they came, or are refused.</param>
    public static PartitionedRateLimiter<T> AtOnce<T, TKey>(Func<T, TKey> keyOf, Func<TKey, int> most, Others others)
        where TKey : notnull
    {
        // Made once: .NET asks for it at every call, and takes it for the first only.
        Func<TKey, RateLimiter> make = key => new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = most(key), QueueLimit = others == Others.Wait ? int.MaxValue : 0,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        return new Lasting<T>(PartitionedRateLimiter.Create<T, TKey>(one => RateLimitPartition.Get(keyOf(one), make)));
    }

    /// <summary>So many each second.</summary>
    /// <param name="keyOf">Whose limit it is.</param>
    /// <param name="rate">How many each second; those of a second may come at once.</param>
    /// <param name="atOnce">How many may come at once, where those of a second are fewer.</param>
    /// <param name="others">What happens to more.</param>
    public static PartitionedRateLimiter<T> EachSecond<T, TKey>(Func<T, TKey> keyOf, Func<TKey, int> rate, Func<TKey, int> atOnce, Others others)
        where TKey : notnull
    {
        Func<TKey, RateLimiter> make = key => new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokensPerPeriod = rate(key), TokenLimit = Math.Max(rate(key), atOnce(key)), ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = others == Others.Wait ? int.MaxValue : 0, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            // Who holds them all does it for all of them.
            AutoReplenishment = false,
        });
        return new Lasting<T>(PartitionedRateLimiter.Create<T, TKey>(one => RateLimitPartition.Get(keyOf(one), make)));
    }

    /// <summary>
    /// .NET finds a key's limiter, and asks it only then: one that was not used for ten seconds may be disposed of in between. Asked again,
    /// it makes another. Whoever waits gets a permit, however often they must ask.
    /// </summary>
    private sealed class Lasting<T>(PartitionedRateLimiter<T> inner) : PartitionedRateLimiter<T>
    {
        public override RateLimiterStatistics? GetStatistics(T resource) => inner.GetStatistics(resource);

        protected override RateLimitLease AttemptAcquireCore(T resource, int permitCount)
        {
            try
            {
                return inner.AttemptAcquire(resource, permitCount);
            }
            catch (ObjectDisposedException)
            {
                return inner.AttemptAcquire(resource, permitCount);
            }
        }

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(T resource, int permitCount, CancellationToken cancellationToken)
        {
            try
            {
                var lease = inner.AcquireAsync(resource, permitCount, cancellationToken);
                return lease.IsCompletedSuccessfully ? lease : OrAgainAsync(lease, resource, permitCount, cancellationToken);
            }
            catch (ObjectDisposedException)
            {
                return inner.AcquireAsync(resource, permitCount, cancellationToken);
            }
        }

        // Who waits in a limiter that is disposed of is given a lease without a permit, and nobody would count them.
        private async ValueTask<RateLimitLease> OrAgainAsync(ValueTask<RateLimitLease> first, T resource, int permitCount, CancellationToken cancel)
        {
            var lease = await first;
            while (!lease.IsAcquired)
            {
                lease.Dispose();
                lease = await inner.AcquireAsync(resource, permitCount, cancel);
            }

            return lease;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>What happens to who comes when a limit is reached.</summary>
internal enum Others
{
    /// <summary>They are refused.</summary>
    Refused,

    /// <summary>They wait for their turn.</summary>
    Wait,
}
