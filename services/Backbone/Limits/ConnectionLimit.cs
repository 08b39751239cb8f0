using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace BeschutWerk.Backbone.Limits;

/// <summary>How many connections one address has. The token server is compiled with this file too.</summary>
internal sealed class ConnectionLimit(int perAddress) : IDisposable
{
    /// <summary>The setting that says how many.</summary>
    internal const string Setting = "ConnectionsPerAddress";

    private readonly PartitionedRateLimiter<IPAddress?> _connections =
        Limiters.AtOnce<IPAddress?, string>(PlaceOf, _ => perAddress, Others.Refused);

    /// <summary>Serves a connection, unless its address has too many: then it is closed.</summary>
    internal async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var place = _connections.AttemptAcquire((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (place.IsAcquired)
        {
            await next(connection);
            return;
        }

        ReachedLimits.Count(Setting);
        connection.Abort(new ConnectionAbortedException("Its address has too many connections."));
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();

    /// <summary>Who has one IPv6 address has 2^64 of them.</summary>
    internal static string PlaceOf(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(..8)),
        _ => address.ToString(),
    };
}
