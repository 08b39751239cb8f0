using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text.Json;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// Who a token speaks for, read from a token whose signature, issuer, audience, type and lifetime were checked. A claim must have exactly
/// the shape that services/Identity/README.md tells: no conversions, no claim twice, and null is not "absent".
/// </summary>
internal static class TokenClaims
{
    private const int MostLength = 100;
    private const int PersonBytes = 32;

    private static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

    /// <summary>The caller; null when a claim is missing or not as it must be.</summary>
    /// <param name="validUntil">When the token ends, clock skew included.</param>
    /// <param name="key">What its person is named with.</param>
    public static Caller? CallerOf(JsonWebToken token, DateTimeOffset validUntil, PersonKey key)
    {
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedHeader), NoDuplicates);
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), NoDuplicates);
            // It names extensions without which the token must not be taken, and none is known here (RFC 7515, 4.1.11).
            if (header.RootElement.TryGetProperty("crit", out _)) return null;
            return CallerOf(claims.RootElement, validUntil, key);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Caller? CallerOf(JsonElement claims, DateTimeOffset validUntil, PersonKey key)
    {
        var kind = Caller.KindOf(Text(claims, "organisation_kind"));
        if (kind == OrganisationKind.Unspecified || claims.GetProperty("exp").ValueKind != JsonValueKind.Number) return null;
        if (Text(claims, "organisation_id") is not { } id || Municipalities(claims) is not { } municipalities) return null;
        if (Origin(claims) is not { } origin) return null;
        // A citizen's token names its person, and no other does. Those of an earlier version name nobody, and are good for nothing.
        var (isCitizen, person) = (kind == OrganisationKind.Citizen, Person(claims));
        if (claims.TryGetProperty("person", out _) != isCitizen || (isCitizen && person is null)) return null;
        var fits = kind switch
        {
            OrganisationKind.Municipality => municipalities.Count >= 1,
            OrganisationKind.Citizen => municipalities.Count == 1,
            _ => municipalities.Count == 0,
        };
        return !fits ? null : new Caller(kind, id, municipalities)
        {
            ValidUntil = validUntil, Token = origin, Person = person is null ? null : new TokenPerson(person, key),
        };
    }

    /// <summary>The hash that stands for a citizen; null when there is none, or it is none.</summary>
    private static byte[]? Person(JsonElement claims)
    {
        var hash = new byte[PersonBytes];
        return Text(claims, "person") is { } text && text.Length == Base64Url.GetEncodedLength(PersonBytes)
            && Base64Url.TryDecodeFromChars(text, hash, out var length) && length == PersonBytes ? hash : null;
    }

    private static TokenOrigin? Origin(JsonElement claims)
    {
        if (Text(claims, "client_id") is not { } client || Text(claims, "jti") is not { } id) return null;
        // Another provider, and the token server before it kept versions, say none.
        if (!claims.TryGetProperty("client_version", out var version)) return new TokenOrigin(id, client, 0);
        if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt64(out var number)) return null;
        return new TokenOrigin(id, client, number);
    }

    private static FrozenSet<string>? Municipalities(JsonElement claims)
    {
        if (!claims.TryGetProperty("municipalities", out var list)) return FrozenSet<string>.Empty;
        if (list.ValueKind != JsonValueKind.Array) return null;
        var codes = list.EnumerateArray().Select(code => code.ValueKind == JsonValueKind.String ? code.GetString() : null).ToList();
        return codes.All(code => TenantId.TryParse(code, out _)) ? codes.Select(code => code!).ToFrozenSet(StringComparer.Ordinal) : null;
    }

    /// <summary>Printable ASCII without blanks: it becomes part of log lines and actors.</summary>
    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String
            && claim.GetString() is { Length: > 0 and <= MostLength } text && text.All(letter => letter is > ' ' and <= '~') ? text : null;
}
