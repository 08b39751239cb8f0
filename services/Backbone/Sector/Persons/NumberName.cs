namespace BeschutWerk.Sector.Persons;

/// <summary>What the words right before a number say that it is.</summary>
internal enum NumberName
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A citizen service number.</summary>
    Person,

    /// <summary>The number of an organisation (RSIN), which passes the same test.</summary>
    Organisation,
}

/// <summary>Reads those words.</summary>
internal static class NumberNames
{
    /// <summary>Words read backwards from the number at the most.</summary>
    private const int MostWords = 6;

    private const string Between = " \n:=.-/()'\"#,";

    private static readonly HashSet<string> Person =
    [
        "bsn", "bsns", "bsnnummer", "burgerservicenummer", "burgerservicenummers", "sofi", "sofinummer", "sofinummers", "persoonsnummer",
    ];

    private static readonly HashSet<string> Organisation = ["rsin", "rsins", "rsinnummer"];

    private static readonly HashSet<string> Filling =
        ["nummer", "nummers", "nr", "nrs", "s", "no", "is", "was", "luidt", "met", "het", "de", "een", "dit", "of", "en"];

    /// <summary>
    /// What the number is called. Only words that name nothing may stand between name and number; a number that is called both
    /// ("BSN/RSIN") may be a person's.
    /// </summary>
    public static NumberName Before(string plain, int number)
    {
        var name = NumberName.None;
        var end = number;
        for (var words = 0; words < MostWords; words++)
        {
            while (end > 0 && Between.Contains(plain[end - 1])) end--;
            var start = end;
            while (start > 0 && char.IsLetter(plain[start - 1])) start--;
            if (start == end) break;
            var word = plain[start..end].ToLowerInvariant();
            if (Person.Contains(word)) return NumberName.Person;
            if (Organisation.Contains(word)) name = NumberName.Organisation;
            else if (!Filling.Contains(word)) break;
            end = start;
        }

        return name;
    }

    /// <summary>Whether "(RSIN" stands behind the number.</summary>
    public static bool IsOrganisationBehind(string plain, int end) =>
        plain.AsSpan(end).TrimStart(' ').StartsWith("(RSIN", StringComparison.OrdinalIgnoreCase);
}
