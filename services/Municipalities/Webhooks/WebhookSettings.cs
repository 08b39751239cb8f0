using System.Net;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>What an operator decides about webhooks.</summary>
public sealed record WebhookSettings
{
    /// <summary>Webhooks of one municipality at the most.</summary>
    public const int MostPerMunicipality = 10;

    /// <summary>Whether http:// will do. Configuration: <c>Webhooks:AllowHttp</c>, <c>true</c> or <c>false</c>.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Networks that are reached although they are not public. Configuration: <c>Webhooks:AllowedNetworks</c>, such as <c>10.1.0.0/16, fd00::/8</c>.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>How the addresses of a host are found; another way in tests.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>As configured.</summary>
    /// <exception cref="StartupException">A setting cannot be read.</exception>
    public static WebhookSettings From(IConfiguration configuration) => new()
    {
        AllowHttp = (configuration["Webhooks:AllowHttp"] ?? "false") switch
        {
            "true" => true,
            "false" => false,
            _ => throw new StartupException("Webhooks:AllowHttp is neither true nor false."),
        },
        AllowedNetworks = [.. (configuration["Webhooks:AllowedNetworks"] ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Network)],
    };

    private static IPNetwork Network(string text) => IPNetwork.TryParse(text, out var network)
        ? network
        : throw new StartupException($"Webhooks:AllowedNetworks holds {text}, which is no network; write for example 10.1.0.0/16, fd00::/8.");
}
