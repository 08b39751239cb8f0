namespace BeschutWerk.Identity;

/// <summary>Where the token server keeps its files and what it writes in its tokens.</summary>
public sealed class IdentityOptions
{
    /// <summary>Folder of the signing key and the clients, usually <c>&lt;data&gt;/identity</c>. Made with mode 0700.</summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// The <c>iss</c> of every token, for example <c>http://localhost:5180/</c>. Plain HTTP only with a loopback host, or
    /// with <see cref="PrivateNetwork"/>.
    /// </summary>
    public required Uri Issuer { get; init; }

    /// <summary>
    /// Without a certificate also serve callers from private addresses (RFC 1918, RFC 4193), such as the network between
    /// containers. Secrets are readable there: only where nobody else is.
    /// </summary>
    public bool PrivateNetwork { get; init; }

    /// <summary>
    /// File of the key under which tokens name a person, which services that know persons read too; null for <c>person.key</c> in the data
    /// folder. It is made at the first start, and opens to its owner only.
    /// </summary>
    public string? PersonKeyFile { get; init; }

    /// <summary>How long an access token is valid. There are no refresh tokens: a client asks again.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a request may take to arrive and be answered; then it is ended.</summary>
    public TimeSpan RequestWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Tokens that a client gets in a second; those of a minute may come at once, and a portal gets ten times as many.
    /// </summary>
    public int TokensPerSecond { get; init; } = 20;

    /// <summary>The clock behind <c>iat</c> and <c>exp</c>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
