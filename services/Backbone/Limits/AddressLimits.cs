using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace BeschutWerk.Backbone.Limits;

/// <summary>
/// What an address may take before anybody has said who they are: connections, and open calls for which no token is asked.
/// </summary>
public sealed class AddressLimits : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress?> _connections, _calls;

    public AddressLimits(LimitOptions options)
    {
        _connections = Limiters.AtOnce<IPAddress?, string>(PlaceOf, _ => options.ConnectionsPerAddress, Others.Refused);
        _calls = PartitionedRateLimiter.CreateChained(
            Limiters.AtOnce<IPAddress?, string>(PlaceOf, _ => options.CallsWithoutTokenPerAddress, Others.Refused),
            Limiters.AtOnce<IPAddress?, string>(_ => "", _ => options.CallsWithoutToken, Others.Refused));
    }

    /// <summary>Serves a connection, unless its address has too many: then it is closed.</summary>
    internal async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var place = _connections.AttemptAcquire((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (place.IsAcquired)
        {
            await next(connection);
            return;
        }

        Instruments.LimitReached(nameof(LimitOptions.ConnectionsPerAddress));
        connection.Abort(new ConnectionAbortedException("Its address has too many connections."));
    }

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

    /// <summary>Who has one IPv6 address has 2^64 of them.</summary>
    internal static string PlaceOf(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(..8)),
        _ => address.ToString(),
    };
}
