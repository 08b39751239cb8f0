using System.CommandLine;
using BeschutWerk.Backbone;

namespace BeschutWerk.Cli;

/// <summary>
/// Where the platform is and as whom it is asked: the options that every command has, each of which may also stand in the
/// environment. A secret never stands on the command line, where every user of the machine could read it.
/// </summary>
internal sealed class Settings
{
    private readonly Option<bool> _json = new("--json") { Description = "Write JSON, for programs.", Recursive = true };
    private readonly Option<string?> _address = Text("--address", "Where the services are, when one process holds them [BW_ADDRESS; default http://localhost:5100].");
    private readonly Option<bool> _split = new("--split") { Description = "Every service in a process of its own, at its default port on this machine [BW_SPLIT=true].", Recursive = true };
    private readonly Option<string[]> _at = new("--at") { Description = "Where one service is, such as uwv=http://host:5102; repeatable [BW_ADDRESS_UWV=http://host:5102].", Recursive = true, DefaultValueFactory = _ => [] };
    private readonly Option<string?> _authority = Text("--authority", "The token server [BW_AUTHORITY; default http://localhost:5180/].");
    private readonly Option<string?> _data = Text("--data", "The platform's data folder, if it is on this machine: its first operator's secret is used [BW_DATA; default data].");
    private readonly Option<string?> _client = Text("--client", "The client to ask as [BW_CLIENT_ID].");
    private readonly Option<string?> _clientFile = Text("--client-file", "File (0600) with the client's secret, or JSON with client_id and client_secret [BW_CLIENT_FILE; or the secret itself in BW_CLIENT_SECRET].");

    public IEnumerable<Option> Options => [_json, _address, _split, _at, _authority, _data, _client, _clientFile];

    /// <summary>Where answers go, and in which form.</summary>
    public Output OutputOf(ParseResult parsed) => new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, Json(parsed));

    /// <summary>Whether to write JSON.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The token server.</summary>
    public Uri Authority(ParseResult parsed) => Address("--authority", parsed.GetValue(_authority) ?? Environed("BW_AUTHORITY") ?? "http://localhost:5180/");

    /// <summary>Where each service is.</summary>
    public IReadOnlyDictionary<string, Uri> Addresses(ParseResult parsed)
    {
        var split = parsed.GetValue(_split) || Environed("BW_SPLIT") == "true";
        var one = parsed.GetValue(_address) ?? Environed("BW_ADDRESS") ?? "http://localhost:5100";
        var addresses = PlatformServices.Names.ToDictionary(name => name, name =>
            Environed("BW_ADDRESS_" + name.ToUpperInvariant()) is { } own ? Address("BW_ADDRESS_" + name.ToUpperInvariant(), own)
            : split ? new Uri($"http://localhost:{PlatformServices.GrpcPortOf(name)}") : Address("--address", one));
        foreach (var at in parsed.GetValue(_at)!)
        {
            if (at.Split('=', 2) is not [var name, var address] || !addresses.ContainsKey(name))
            {
                throw new Failure(ExitCode.Usage, $"--at {at} names no service: write one of {string.Join(", ", PlatformServices.Names)}, then =http://host:port.");
            }

            addresses[name] = Address("--at", address);
        }

        return addresses;
    }

    /// <summary>As whom the platform is asked.</summary>
    public Credentials Credentials(ParseResult parsed) => Cli.Credentials.Find(
        parsed.GetValue(_client) ?? Environed("BW_CLIENT_ID"), Environed("BW_CLIENT_SECRET"),
        parsed.GetValue(_clientFile) ?? Environed("BW_CLIENT_FILE"), parsed.GetValue(_data) ?? Environed("BW_DATA") ?? "data");

    /// <summary>A variable of the environment; null when it is missing or empty.</summary>
    public static string? Environed(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>An address that somebody wrote.</summary>
    public static Uri Address(string where, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new Failure(ExitCode.Usage, $"{where} is no address: {text}. Write http://host:port.");

    private static Option<string?> Text(string name, string description) => new(name) { Description = description, Recursive = true };
}
