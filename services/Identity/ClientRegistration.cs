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
/// <param name="OrganisationId">Stable id of the organisation, such as its GM code or company id; written as a client id is.</param>
/// <param name="Name">For people who read the list of clients; not in the token. At most 200 characters.</param>
/// <param name="Municipalities">GM codes: one or more for a municipality (own or mandated), one in a citizen's token, otherwise none.</param>
/// <param name="MandatedBy">Organisation id of who gave the mandate, for the audit trail; null when the client acts for itself.</param>
/// <param name="IsPortal">
/// A citizens' portal: it gets a token per citizen who logged in there, never one for itself. Its kind is citizen, and each
/// request for a token names the citizen, their municipality and their BSN, for which the portal vouches.
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
    const int MostOfName = 200, MostMunicipalities = 500;
    const string Written = "must be 1 to 100 letters, digits, dots, hyphens or underscores";

    /// <summary>
    /// Everything that is wrong with a registration, such as what would give a token with the wrong reach. No sentence repeats a value
    /// that is malformed: it may be long, or a person's number.
    /// </summary>
    internal IEnumerable<string> Faults()
    {
        var client = IdPattern().IsMatch(ClientId) && !HoldsBsn(ClientId) ? $"Client '{ClientId}'" : "A client";
        if (!IdPattern().IsMatch(ClientId)) yield return $"{client}: client_id {Written}.";
        if (!Enum.IsDefined(Kind)) yield return $"{client}: organisation kind is unknown.";
        if (!IdPattern().IsMatch(OrganisationId)) yield return $"{client}: organisation_id {Written}.";
        if (MandatedBy is not null && !IdPattern().IsMatch(MandatedBy)) yield return $"{client}: mandated_by {Written}.";
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > MostOfName || Name.Any(char.IsControl))
            yield return $"{client}: name must be 1 to {MostOfName} characters, none of them a control character.";
        var texts = new[] { ("client_id", ClientId), ("organisation_id", OrganisationId), ("name", Name), ("mandated_by", MandatedBy) };
        foreach (var (field, text) in texts)
            if (text is not null && HoldsBsn(text))
                yield return $"{client}: {field} holds a number that passes the eleven-test of the citizen service number.";
        if (IsPortal != (Kind == OrganisationKind.Citizen))
            yield return $"{client}: a portal is of kind citizen, and that kind is a portal's only: nobody else vouches for who a citizen is.";
        for (var i = 0; i < Math.Min(Municipalities.Count, MostMunicipalities); i++)
            if (Municipalities[i] is not { } code || !MunicipalityCodePattern().IsMatch(code))
                yield return $"{client}: municipalities[{i}] is no code; a code is GM and four digits.";
        if (Municipalities.Count > MostMunicipalities) yield return $"{client} names more than {MostMunicipalities} municipalities.";
        if (Municipalities.Distinct().Count() < Municipalities.Count) yield return $"{client} names a municipality twice.";

        var fits = Kind switch
        {
            OrganisationKind.Municipality => Municipalities.Count >= 1,
            // The municipality of a portal's token is that of the citizen who logged in.
            _ => Municipalities.Count == 0,
        };
        if (!fits) yield return $"{client} names {Municipalities.Count} municipalities; a municipality names at least one, others none.";
    }

    /// <summary>Whether a token for the one says the same as a token for the other.</summary>
    internal bool GivesTheSameToken(ClientRegistration other) =>
        this with { Municipalities = other.Municipalities, Name = other.Name } == other
        && Municipalities.SequenceEqual(other.Municipalities);

    /// <summary>What a portal's client is for one request: the citizen who logged in.</summary>
    /// <param name="citizen">Pseudonym of the citizen: a UUID in lower case.</param>
    /// <param name="municipality">GM code of where the citizen lives.</param>
    /// <returns>Null when one of them is missing or malformed.</returns>
    internal ClientRegistration? ForCitizen(string? citizen, string? municipality) =>
        citizen is not null && CitizenPattern().IsMatch(citizen) && municipality is not null && MunicipalityCodePattern().IsMatch(municipality)
            ? this with { OrganisationId = citizen, Municipalities = [municipality] }
            : null;

    /// <summary>Whether a text is a citizen service number: nine digits that pass the eleven-test, not all zero.</summary>
    internal static bool IsBsn(string text) =>
        text.Length == 9 && text.All(char.IsAsciiDigit) && text.Any(digit => digit != '0') && PassesElevenTest(text);

    /// <summary>Whether a text can be a client id.</summary>
    internal static bool IsClientId(string text) => IdPattern().IsMatch(text);

    /// <summary>Nine digits that pass the eleven-test, in no longer number and in no UUID.</summary>
    static bool HoldsBsn(string text) =>
        NineDigitsPattern().Matches(UuidPattern().Replace(text, "")).Any(number => PassesElevenTest(number.ValueSpan));

    static bool PassesElevenTest(ReadOnlySpan<char> digits)
    {
        var sum = '0' - digits[8];
        for (var i = 0; i < 8; i++) sum += (9 - i) * (digits[i] - '0');
        return sum % 11 == 0;
    }

    // A UUID and nothing looser: nobody can pass a citizen service number as the pseudonym, which stands in every log.
    [GeneratedRegex(@"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex CitizenPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"\AGM[0-9]{4}\z")]
    private static partial Regex MunicipalityCodePattern();

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")]
    private static partial Regex UuidPattern();

    [GeneratedRegex("(?<![0-9])[0-9]{9}(?![0-9])")]
    private static partial Regex NineDigitsPattern();
}
