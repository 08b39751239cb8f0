using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Telemetry;

namespace BeschutWerk.Identity;

/// <summary>
/// How many tokens a client gets: one that asks without end must not keep others from theirs. A client needs one an hour. Those of a minute
/// may come at once, for programs that start together and share a client, or a loop of <c>bw</c>.
/// </summary>
sealed class TokenLimit(IdentityOptions options) : IDisposable
{
    /// <summary>The setting that says how many.</summary>
    public const string Setting = "ClientTokensPerSecond";

    /// <summary>A portal gets so many times as many, because it asks for each citizen: after a restart for all who are logged in.</summary>
    const int OfPortal = 10;

    /// <summary>So many seconds' tokens may come at once.</summary>
    const int SecondsAtOnce = 60;

    readonly PartitionedRateLimiter<ClientRegistration> tokens = Limiters.EachSecond<ClientRegistration, (string Id, bool IsPortal)>(
        client => (client.ClientId, client.IsPortal),
        client => Times(options.TokensPerSecond, client.IsPortal ? OfPortal : 1),
        client => Times(options.TokensPerSecond, (client.IsPortal ? OfPortal : 1) * SecondsAtOnce), Others.Refused);

    /// <summary>A client whose secret is right asks for a token.</summary>
    /// <returns>How long it must wait; null when it need not.</returns>
    public TimeSpan? Take(ClientRegistration client)
    {
        using var lease = tokens.AttemptAcquire(client);
        if (lease.IsAcquired) return null;
        ReachedLimits.Count(Setting);
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
    }

    public void Dispose() => tokens.Dispose();

    static int Times(int limit, int times) => (int)Math.Min((long)limit * times, int.MaxValue);
}
