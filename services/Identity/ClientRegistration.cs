using System.Text.RegularExpressions;

namespace BeschutWerk.Identity;

/// <summary>What a client is; in tokens and files written in lower case (<c>municipality</c>).</summary>
public enum OrganisationKind
{
    Municipality,
    Uwv,
    Sw,
    Cedris,
    Szw,
    Operator,
    Citizen,
    Service,
}

/// <summary>Who a client is and for whom it may act. Its secret is not part of it.</summary>
/// <param name="ClientId">Unique; letters, digits, dot, hyphen and underscore, at most 100.</param>
/// <param name="Kind">Decides which RPCs the client may call.</param>
/// <param name="OrganisationId">Stable id of the organisation, such as its GM code or company id.</param>
/// <param name="Name">For people who read the list of clients; not in the token.</param>
/// <param name="Municipalities">GM codes: one or more for a municipality (own or mandated), one for a citizen, otherwise none.</param>
/// <param name="MandatedBy">Organisation id of who gave the mandate, for the audit trail; null when the client acts for itself.</param>
/// <param name="IsPortal">
/// A citizens' portal: it gets a token per citizen who logged in there, never one for itself. Its kind is citizen, and each
/// request for a token names the citizen and his municipality.
/// </param>
public sealed partial record ClientRegistration(
    string ClientId,
    OrganisationKind Kind,
    string OrganisationId,
    string Name,
    IReadOnlyList<string> Municipalities,
    string? MandatedBy = null,
    bool IsPortal = false)
{
    /// <summary>Refuses a registration that would give a token with the wrong reach.</summary>
    /// <exception cref="ArgumentException">Says which client and what is wrong.</exception>
    internal void Check()
    {
        if (!ClientIdPattern().IsMatch(ClientId))
            throw new ArgumentException($"Client id '{ClientId}' must be 1 to 100 letters, digits, dots, hyphens or underscores.");
        if (!Enum.IsDefined(Kind))
            throw new ArgumentException($"Client '{ClientId}' has an unknown organisation kind.");
        if (string.IsNullOrWhiteSpace(OrganisationId))
            throw new ArgumentException($"Client '{ClientId}' needs an organisation id.");
        if (IsPortal && Kind != OrganisationKind.Citizen)
            throw new ArgumentException($"Client '{ClientId}' is a portal; a portal speaks for citizens, so its kind must be citizen.");
        if (Municipalities.FirstOrDefault(code => !MunicipalityCodePattern().IsMatch(code)) is { } bad)
            throw new ArgumentException($"Client '{ClientId}' names municipality '{bad}'; a code is GM and four digits.");

        var fits = Kind switch
        {
            OrganisationKind.Municipality => Municipalities.Count >= 1,
            // The municipality of a portal's token is that of the citizen who logged in.
            OrganisationKind.Citizen => Municipalities.Count == (IsPortal ? 0 : 1),
            _ => Municipalities.Count == 0,
        };
        if (!fits)
            throw new ArgumentException(
                $"Client '{ClientId}' names {Municipalities.Count} municipalities; a municipality names at least one, a citizen one, others and portals none.");
    }

    /// <summary>What a portal's client is for one request: the citizen who logged in.</summary>
    /// <param name="citizen">Pseudonym of the citizen: a UUID in lower case.</param>
    /// <param name="municipality">GM code of where he lives.</param>
    /// <returns>Null when one of them is missing or malformed.</returns>
    internal ClientRegistration? ForCitizen(string? citizen, string? municipality) =>
        citizen is not null && CitizenPattern().IsMatch(citizen) && municipality is not null && MunicipalityCodePattern().IsMatch(municipality)
            ? this with { OrganisationId = citizen, Municipalities = [municipality] }
            : null;

    // A UUID and nothing looser: nobody can pass a citizen service number as the pseudonym, which stands in every log.
    [GeneratedRegex(@"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex CitizenPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex ClientIdPattern();

    [GeneratedRegex(@"\AGM[0-9]{4}\z")]
    private static partial Regex MunicipalityCodePattern();
}
