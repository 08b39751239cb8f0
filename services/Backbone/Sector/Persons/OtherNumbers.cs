using System.Numerics;
using System.Text.RegularExpressions;

namespace BeschutWerk.Sector.Persons;

/// <summary>
/// Numbers that are written in a way in which nobody writes a citizen service number. They are taken out of a text before it
/// is searched, so that one number in eleven of them does not look like a person; but not where it is called one.
/// </summary>
internal static partial class OtherNumbers
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    private static readonly (Regex Shape, Func<string, bool> Is)[] All =
    [
        (Uuid(), _ => true),
        (Oin(), _ => true),
        (Iban(), IsIban),
        (Isbn(), text => text.Count(char.IsAsciiLetterOrDigit) is 10 or 13),
        (DutchPhone(), _ => true),
        (Date(), _ => true),
        (DateOfYear(), _ => true),
        (Years(), AreYears),
        (AmountBehindCurrency(), _ => true),
        (AmountBeforeCurrency(), _ => true),
        (Decimal(), _ => true),
        (Reference(), _ => true),
        (ParliamentaryPaper(), _ => true),
    ];

    /// <summary>The text with a mark, which is no digit and joins none, in place of each digit of those numbers.</summary>
    public static string TakenOutOf(string plain)
    {
        foreach (var (shape, isOne) in All)
        {
            plain = shape.Replace(plain, match =>
            {
                var number = match.Groups["number"];
                if (!isOne(number.Value) || NumberNames.Before(plain, number.Index) == NumberName.Person) return match.Value;
                var (start, marks) = (number.Index - match.Index, new string('#', number.Length));
                return string.Concat(match.Value.AsSpan(0, start), marks, match.Value.AsSpan(start + number.Length));
            });
        }

        return plain;
    }

    [GeneratedRegex(@"(?<![0-9a-z])(?<number>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![0-9a-z])", Options)]
    private static partial Regex Uuid();

    // Twenty digits, of which the first six are zero, also grouped: the number of an organisation, which holds its RSIN.
    [GeneratedRegex(@"(?<![0-9])(?<number>0{6}[0-9]{2}(?:[ .\-]?[0-9]){12})(?![0-9])", Options)]
    private static partial Regex Oin();

    // In capitals, as a bank writes it; the remainder decides.
    [GeneratedRegex(
        @"(?<![0-9A-Za-z])(?<number>[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?![0-9A-Za-z])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Iban();

    [GeneratedRegex(@"\bISBN(?:-?1[03])?[ :]{0,3}(?<number>[0-9](?:[ \-]?[0-9]){8,11}[ \-]?[0-9X])(?![0-9])", Options)]
    private static partial Regex Isbn();

    // With the country before it nine digits are left, which is as many as a citizen service number has.
    [GeneratedRegex(@"(?<![0-9])(?<number>(?:\+|00)31[ .\-]?(?:\(0\))?(?:[ .\-]?[0-9]){9})(?![0-9])", Options)]
    private static partial Regex DutchPhone();

    [GeneratedRegex(@"(?<![0-9])(?<number>(?:0?[1-9]|[12][0-9]|3[01])([\-/.])(?:0?[1-9]|1[0-2])\1(?:19|20)[0-9]{2})(?![0-9])", Options)]
    private static partial Regex Date();

    [GeneratedRegex(@"(?<![0-9])(?<number>(?:19|20)[0-9]{2}([\-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])", Options)]
    private static partial Regex DateOfYear();

    // A parliamentary or school year: 2017/18, 2017-2018.
    [GeneratedRegex(@"(?<![0-9])(?<number>(?:19|20)[0-9]{2} ?[\-/] ?(?:(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9])", Options)]
    private static partial Regex Years();

    // Behind a number the sign may belong to that one, and what follows be a citizen service number.
    [GeneratedRegex(@"(?<![0-9] ?)(?:[€$£]|\bEUR\b) {0,2}(?<number>(?:[0-9]{1,3}(?:[. ][0-9]{3})+|[0-9]+))(?![0-9])", Options)]
    private static partial Regex AmountBehindCurrency();

    // Not where another number stands close before it: its last digits would be taken out alone.
    [GeneratedRegex(
        @"(?<![0-9][ .\-/\n]?)(?<number>(?:[0-9]{1,3}(?:[. ][0-9]{3})+|[0-9]+))(?:,[0-9]{1,2}|,-)?[ \n]?"
        + @"(?:€(?! ?[0-9])|(?:euro|EUR|miljoen|miljard|mln|mld)\b)", Options)]
    private static partial Regex AmountBeforeCurrency();

    // With thousands and decimals, as only an amount or a measurement has them.
    [GeneratedRegex(@"(?<![0-9][ .\-/\n]?)(?<number>[0-9]{1,3}(?:\.[0-9]{3})+),(?:[0-9]{1,2}(?![0-9])|-)", Options)]
    private static partial Regex Decimal();

    // A year and five digits, named as the number of a document. The name alone decides nothing: some references are a citizen
    // service number.
    [GeneratedRegex(
        @"\b(?:kenmerk|(?:zaak|dossier|referentie|besluit|document)(?:nummer)?)[ :.]{1,3}"
        + @"(?:[A-Z]{1,6}[\-/])?(?<number>(?:19|20)[0-9]{2}[\-/][0-9]{5})(?![0-9])", Options)]
    private static partial Regex Reference();

    // Kamerstuk 29 817, nr. 145; 29817-145.
    [GeneratedRegex(@"\bkamerstuk(?:ken)?(?: I{1,2})?,?[ \n](?<number>[0-9]{2}[ .]?[0-9]{3}(?: ?- ?[0-9]{1,4})?)(?![0-9])", Options)]
    private static partial Regex ParliamentaryPaper();

    private static bool IsIban(string text)
    {
        var letters = text.Replace(" ", "", StringComparison.Ordinal);
        if (letters.Length is < 15 or > 34) return false;
        var digits = (letters[4..] + letters[..4]).Select(letter => char.IsAsciiDigit(letter) ? $"{letter}" : $"{letter - 'A' + 10}");
        return BigInteger.Parse(string.Concat(digits)) % 97 == 1;
    }

    private static bool AreYears(string text)
    {
        var first = int.Parse(text[..4]);
        var last = int.Parse(text.AsSpan(text.LastIndexOfAny([' ', '-', '/']) + 1));
        return last > 99 ? last > first : last == (first + 1) % 100;
    }
}
