using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BeschutWerk.Backbone.Limits;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Identity;

/// <summary>
/// Whether somebody is the client that they say: the one place for all addresses of the token server, so that every refusal is written
/// down and whoever keeps trying waits.
/// </summary>
sealed class ClientLogin(Clients clients, IdentityOptions options, ILogger<ClientLogin> log)
{
    /// <summary>Wrong secrets within a minute, of one client from one address, after which whoever sends another one waits.</summary>
    public const int MostOfClient = 10;

    /// <summary>The same of persons that one citizen is not.</summary>
    public const int MostOfCitizen = 10;

    /// <summary>Refusals within a minute that are written down: callers without a secret must not fill the disk.</summary>
    public const int MostRows = 1000;

    /// <summary>The same of one address.</summary>
    public const int MostRowsOfAddress = 100;

    readonly Throttle throttle = new(options.Clock);

    /// <summary>The client, or null when there is none with this id and secret. An unknown client is treated as a wrong secret is.</summary>
    /// <param name="wait">How long whoever sends wrong secrets must wait; null when they need not.</param>
    /// <remarks>
    /// The right secret passes always. Otherwise somebody who shares the client's address could shut it out with wrong ones; and a secret
    /// has 256 random bits, so nobody finds it while it is looked at. Others of the address do not wait either.
    /// </remarks>
    public StoredClient? Enter(string? clientId, string? secret, IPAddress? address, out TimeSpan? wait)
    {
        wait = null;
        if (clients.Authenticate(clientId, secret) is { } found) return found;
        var key = Key(clientId, address);
        wait = throttle.Wait(key, MostOfClient);
        // THROTTLED told of these.
        if (wait is not null) return null;
        var isLast = throttle.Count(key) == MostOfClient;
        WriteDown(
            clientId, address, clients.Knows(clientId) ? "wrong secret" : "unknown client",
            isLast ? "Until the minute ends a wrong secret is answered with 429." : null);
        return null;
    }

    /// <summary>How long a portal must wait before who a citizen is is looked at again; null when it need not.</summary>
    /// <remarks>Not for all citizens of a portal: one of them would shut out the others.</remarks>
    public TimeSpan? WaitOfCitizen(string citizen) => throttle.Wait(OfCitizen(citizen), MostOfCitizen);

    /// <summary>Writes down that a client with the right secret was refused something.</summary>
    /// <param name="why">Not what they sent: that may be a secret in the wrong place, or a person.</param>
    public void Refused(string clientId, IPAddress? address, string why) => WriteDown(clientId, address, why, throttled: null);

    /// <summary>Writes down that a citizen is bound to another person than the portal said.</summary>
    public void RefusedPerson(string clientId, IPAddress? address, string citizen)
    {
        var isLast = throttle.Count(OfCitizen(citizen)) == MostOfCitizen;
        WriteDown(
            clientId, address, $"token of a citizen: {citizen} is bound to another person",
            isLast ? $"Until the minute ends no person is looked at for {citizen}." : null);
    }

    void WriteDown(string? clientId, IPAddress? address, string why, string? throttled)
    {
        // A client that does not exist is not named: whoever mixes up the fields writes a secret there.
        var row = new AuditRow(Acts.Refused, clients.Knows(clientId) ? clientId : null, Address: address?.ToString(), Detail: why);
        List<AuditRow> rows = [row];
        if (throttled is not null) rows.Add(row with { Act = Acts.Throttled, Detail = throttled });
        var ofAddress = throttle.Count(RowsOf(address));
        if (ofAddress > MostRowsOfAddress) return;
        if (ofAddress == MostRowsOfAddress)
            rows.Add(new(Acts.NotWritten, Address: address?.ToString(), Detail: $"{MostRowsOfAddress} from there in this minute; more are not written down."));
        var all = throttle.Count("all");
        if (all > MostRows) return;
        if (all == MostRows)
            rows.Add(new(Acts.NotWritten, Detail: $"{MostRows} in this minute; more are not written down."));
        try
        {
            clients.Audit.Add(rows);
        }
        catch (IOException error)
        {
            // They are refused all the same.
            log.LogError("A refusal could not be written to {File}: {Fault}", AuditLog.FileName, error.Message);
        }
    }

    /// <summary>The client id and secret of a Basic header.</summary>
    public static (string ClientId, string Secret)? BasicOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)) return null;
        if (!header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;
        var credentials = new byte[header.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(header.Parameter ?? "", credentials, out var length)) return null;
        var parts = Encoding.UTF8.GetString(credentials, 0, length).Split(':', 2);
        return parts.Length == 2 ? (parts[0], parts[1]) : null;
    }

    // No client's key: a UUID is no address.
    static string OfCitizen(string citizen) => $"citizen {citizen}";

    // No client's key: no client id holds a space.
    static string RowsOf(IPAddress? address) => $"rows of {ConnectionLimit.PlaceOf(address)}";

    static string Key(string? clientId, IPAddress? address) =>
        $"{(clientId is not null && ClientRegistration.IsClientId(clientId) ? clientId : "")} {ConnectionLimit.PlaceOf(address)}";
}
