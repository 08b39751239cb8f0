using System.Net;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>
/// Where the platform may connect to on behalf of a municipality: the public internet, and what an operator allowed. A webhook
/// must not become a way into the network that the platform stands in.
/// </summary>
public static class ReceiverAddress
{
    // IANA's special-purpose registries (RFC 6890 and what was added since), multicast and reserved space.
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Teredo, documentation and 6to4, which holds an IPv4 address of any kind.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    // Whatever of IPv6 is not global unicast is loopback, link-local, unique-local, multicast, translated or not assigned.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Whether an address is public, or one that an operator allowed.</summary>
    public static bool IsAllowed(IPAddress address, IReadOnlyList<IPNetwork> allowed)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowed.Any(network => network.Contains(plain)) || IsPublic(plain);
    }

    /// <summary>What is wrong with a webhook's URL; null when nothing is. Never repeats the URL.</summary>
    public static string? Fault(string text, WebhookSettings settings) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0 ? "Is no absolute URL."
        : url.Scheme != Uri.UriSchemeHttps && !(settings.AllowHttp && url.Scheme == Uri.UriSchemeHttp) ? "Must begin with https://."
        : url.UserInfo.Length > 0 ? "Holds a user name or password; the signature says who sends."
        : url.Fragment.Length > 0 ? "Holds a fragment, which is never sent."
        : IPAddress.TryParse(url.IdnHost, out var address) && !IsAllowed(address, settings.AllowedNetworks) ? "Names an address that is not public."
        : null;

    private static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || GlobalUnicast.Contains(address))
        && !NotPublic.Any(network => network.Contains(address));
}
