using System.Net;
using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Microsoft.AspNetCore.Connections;

namespace BeschutWerk.Backbone.Limits;

/// <summary>
/// What an address may take before anybody has said who they are: connections, and open calls for which no token is asked.
/// </summary>
public sealed class AddressLimits : IDisposable
{
    /// <summary>Bytes of a message for which no token is asked. That of health names a service.</summary>
    private const int LongestMessage = 1024;

    private readonly ConnectionLimit _connections;
    private readonly PartitionedRateLimiter<IPAddress?> _rate, _calls;

    public AddressLimits(LimitOptions options)
    {
        _connections = new ConnectionLimit(options.ConnectionsPerAddress);
        _rate = Limiters.EachSecond<IPAddress?, string>(ConnectionLimit.PlaceOf, _ => options.CallsWithoutTokenPerSecond, _ => 1, Others.Refused);
        _calls = PartitionedRateLimiter.CreateChained(
            Limiters.AtOnce<IPAddress?, string>(ConnectionLimit.PlaceOf, _ => options.CallsWithoutTokenPerAddress, Others.Refused),
            Limiters.AtOnce<IPAddress?, string>(_ => "", _ => options.CallsWithoutToken, Others.Refused));
    }

    /// <summary>Serves a connection, unless its address has too many: then it is closed.</summary>
    internal Task ServeAsync(ConnectionContext connection, ConnectionDelegate next) => _connections.ServeAsync(connection, next);

    /// <summary>Somebody begins a call for which no token is asked.</summary>
    /// <returns>Its place, until the call ends.</returns>
    /// <exception cref="RefusalException">RATE_LIMITED.</exception>
    internal RateLimitLease BeginWithoutToken(IPAddress? address)
    {
        CallLimits.Require(_rate.AttemptAcquire(address), nameof(LimitOptions.CallsWithoutTokenPerSecond)).Dispose();
        return CallLimits.Require(_calls.AttemptAcquire(address), nameof(LimitOptions.CallsWithoutToken));
    }

    /// <summary>Part of a message came for which no token is asked: the rest is waited for only when it is short, and needs no place then.</summary>
    /// <exception cref="RefusalException">MESSAGE_TOO_LARGE.</exception>
    internal static RateLimitLease? RequireShort(long bytes) => bytes <= LongestMessage
        ? null
        : throw Refusal.Of(ErrorReason.MessageTooLarge, $"A message of a call without a token has at most {LongestMessage} bytes.").ToException();

    /// <inheritdoc/>
    public void Dispose()
    {
        _connections.Dispose();
        _rate.Dispose();
        _calls.Dispose();
    }
}
