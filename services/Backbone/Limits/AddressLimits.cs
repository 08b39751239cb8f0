using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Connections;

namespace BeschutWerk.Backbone.Limits;

/// <summary>
/// What an address may take before anybody has said who they are: connections, and open calls for which no token is asked.
/// </summary>
public sealed class AddressLimits : IDisposable
{
    private readonly ConnectionLimit _connections;
    private readonly PartitionedRateLimiter<IPAddress?> _calls;

    public AddressLimits(LimitOptions options)
    {
        _connections = new ConnectionLimit(options.ConnectionsPerAddress);
        _calls = PartitionedRateLimiter.CreateChained(
            Limiters.AtOnce<IPAddress?, string>(ConnectionLimit.PlaceOf, _ => options.CallsWithoutTokenPerAddress, Others.Refused),
            Limiters.AtOnce<IPAddress?, string>(_ => "", _ => options.CallsWithoutToken, Others.Refused));
    }

    /// <summary>Serves a connection, unless its address has too many: then it is closed.</summary>
    internal Task ServeAsync(ConnectionContext connection, ConnectionDelegate next) => _connections.ServeAsync(connection, next);

    /// <summary>Somebody begins a call for which no token is asked.</summary>
    /// <returns>Its place, until the call ends.</returns>
    /// <exception cref="Grpc.RefusalException">RATE_LIMITED.</exception>
    internal RateLimitLease BeginWithoutToken(IPAddress? address) =>
        CallLimits.Require(_calls.AttemptAcquire(address), nameof(LimitOptions.CallsWithoutToken));

    /// <inheritdoc/>
    public void Dispose()
    {
        _connections.Dispose();
        _calls.Dispose();
    }
}
