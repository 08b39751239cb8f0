using System.Collections.Concurrent;
using System.Collections.Frozen;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace BeschutWerk.Backbone.Security;

/// <summary>Where tokens come from.</summary>
/// <param name="Authority">Issuer, such as <c>http://localhost:5180/</c>.</param>
public sealed record AuthorityOptions(string Authority)
{
    /// <summary>The audience that every token must name.</summary>
    public const string Audience = "beschutwerk";
}

/// <summary>
/// Turns an access token into its caller. A validated token is kept until it expires, so that the signature is checked
/// once, not per call.
/// </summary>
public sealed class TokenValidator(AuthorityOptions authority, TimeProvider clock)
{
    private const int MostKept = 20_000;

    private readonly ConcurrentDictionary<string, Caller> _validated = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _configuration = new(
        authority.Authority.TrimEnd('/') + "/.well-known/openid-configuration",
        new OpenIdConnectConfigurationRetriever(),
        new HttpDocumentRetriever { RequireHttps = authority.Authority.StartsWith("https:", StringComparison.Ordinal) });

    /// <summary>The caller of a token that was validated before and is still valid; null when there is more to check.</summary>
    public Caller? Known(ReadOnlySpan<char> token) =>
        _validated.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var known) && known.ValidUntil > clock.GetUtcNow() ? known : null;

    /// <summary>The caller of a token; null when it is expired, malformed or not ours.</summary>
    public async ValueTask<Caller?> ValidateAsync(string token)
    {
        if (_validated.TryGetValue(token, out var known))
        {
            if (known.ValidUntil > clock.GetUtcNow()) return known;
            _validated.TryRemove(token, out _);
            return null;
        }

        var result = await CheckAsync(token);
        if (!result.IsValid)
        {
            // The key may have been replaced since the configuration was read.
            if (result.Exception is not SecurityTokenSignatureKeyNotFoundException) return null;
            _configuration.RequestRefresh();
            result = await CheckAsync(token);
            if (!result.IsValid) return null;
        }

        var caller = CallerOf((JsonWebToken)result.SecurityToken);
        if (caller is null) return null;
        if (_validated.Count >= MostKept) ForgetExpired();
        _validated[token] = caller;
        return caller;
    }

    private async Task<TokenValidationResult> CheckAsync(string token)
    {
        var configuration = await ConfigurationAsync();
        return await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = AuthorityOptions.Audience,
            IssuerSigningKeys = configuration.SigningKeys,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ClockSkew = TimeSpan.FromSeconds(30),
            LifetimeValidator = (from, to, _, parameters) =>
                to is { } end && end + parameters.ClockSkew > clock.GetUtcNow().UtcDateTime && (from is null || from - parameters.ClockSkew <= clock.GetUtcNow().UtcDateTime),
        });
    }

    private async Task<OpenIdConnectConfiguration> ConfigurationAsync()
    {
        try
        {
            return await _configuration.GetConfigurationAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // Whether the token is good cannot be known now: that is no refusal of the caller.
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "The token server cannot be asked now.").ToException();
        }
    }

    private static Caller? CallerOf(JsonWebToken token)
    {
        var kind = Caller.KindOf(token.TryGetPayloadValue<string>("organisation_kind", out var name) ? name : null);
        if (kind == OrganisationKind.Unspecified || !token.TryGetPayloadValue<string>("organisation_id", out var id)) return null;
        var municipalities = token.TryGetPayloadValue<string[]>("municipalities", out var codes) ? codes : [];
        return new Caller(kind, id, municipalities.ToFrozenSet(StringComparer.Ordinal)) { ValidUntil = token.ValidTo };
    }

    private void ForgetExpired()
    {
        var now = clock.GetUtcNow();
        foreach (var (token, caller) in _validated)
        {
            if (caller.ValidUntil <= now) _validated.TryRemove(token, out _);
        }

        if (_validated.Count >= MostKept) _validated.Clear();
    }
}
