using BeschutWerk.Backbone.Store;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Backbone.Security;

/// <summary>Where tokens come from.</summary>
/// <param name="Authority">Issuer, such as <c>http://localhost:5180/</c>.</param>
public sealed record AuthorityOptions(string Authority)
{
    /// <summary>The audience that every token must name.</summary>
    public const string Audience = "beschutwerk";

    /// <summary>
    /// The list of tokens that were taken back; null where the provider has none, so that tokens are good until they expire.
    /// </summary>
    public Uri? Revocations { get; init; }

    /// <summary>How old that list may be while the token server does not answer; after that nobody is admitted.</summary>
    public TimeSpan OldestRevocations { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>File of the key under which a citizen's token names its person.</summary>
    public string PersonKeyFile { get; init; } = "";

    /// <summary>
    /// From <c>Identity:Authority</c>, <c>Identity:Revocations</c>, <c>Identity:OldestRevocations</c> and <c>Identity:PersonKeyFile</c>.
    /// </summary>
    /// <exception cref="StartupException">One is missing or malformed.</exception>
    public static AuthorityOptions Of(IConfiguration configuration)
    {
        var authority = configuration["Identity:Authority"]
            ?? throw new StartupException("No token server. Set Identity__Authority=http://host:port/.");
        var list = configuration["Identity:Revocations"] ?? "revocations";
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var issuer))
            throw new StartupException($"Identity__Authority={authority} is no address. Write http://host:port/.");
        if (!Uri.TryCreate(new Uri(issuer.AbsoluteUri.TrimEnd('/') + "/"), list, out var address))
            throw new StartupException($"Identity__Revocations={list} is no address. Write one, or none where there is no such list.");
        var options = new AuthorityOptions(authority)
        {
            Revocations = list == "none" ? null : address,
            // Where the token server makes it on the same data.
            PersonKeyFile = configuration["Identity:PersonKeyFile"]
                ?? Path.Combine(configuration["Data:Folder"] ?? "data", "identity", "person.key"),
        };
        if (configuration["Identity:OldestRevocations"] is not { } age) return options;
        return TimeSpan.TryParse(age, out var oldest) && oldest >= TimeSpan.FromSeconds(10)
            ? options with { OldestRevocations = oldest }
            : throw new StartupException($"Identity__OldestRevocations={age} is no time of ten seconds or more. Write 00:15:00.");
    }
}
