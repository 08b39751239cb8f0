namespace BeschutWerk.Identity;

/// <summary>The platform's own claims in an access token, and its audience. Meanings: README.md.</summary>
public static class TokenClaims
{
    /// <summary>The <c>aud</c> of every token: all services of the platform are one audience.</summary>
    public const string Audience = "beschutwerk";

    public const string OrganisationKind = "organisation_kind";
    public const string OrganisationId = "organisation_id";

    /// <summary>A JSON array of GM codes, also when it holds one.</summary>
    public const string Municipalities = "municipalities";

    /// <summary>
    /// Who a citizen is: HMAC-SHA-256 of their BSN in base64url. Only a service that knows the person and has the key can compare.
    /// </summary>
    public const string Person = "person";

    public const string MandatedBy = "mandated_by";

    /// <summary>Of the client's registration: once the list of revocations names a later one, the token is taken back.</summary>
    public const string ClientVersion = "client_version";
}
