using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>
/// Wage value plays no role in advice on sheltered work: Besluit art. 3 asks for adaptations and guidance only. What an
/// assessor writes about it is refused, so that it cannot weigh in by the back door.
/// </summary>
internal static partial class WageValue
{
    /// <summary>Paths of all texts in a message, in proto names, that speak of wage value or productivity.</summary>
    /// <param name="keeps">Whether the text of a path keeps its own rule: one that does not may be of any length, so nobody searches it.</param>
    public static IReadOnlyList<string> FieldsThatMention(IMessage message, string path, Func<string, bool> keeps)
    {
        var fields = new List<string>();
        Collect(message, path, keeps, fields);
        return fields;
    }

    /// <summary>Whether a text speaks of wage value, productivity or a wage subsidy, in Dutch or English.</summary>
    public static bool IsMentionedIn(string text) => Words().IsMatch(Plain(text));

    // By reflection, so that a text that is added to the assessment one day is guarded from that day on.
    private static void Collect(IMessage message, string path, Func<string, bool> keeps, List<string> fields)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var fieldPath = $"{path}.{field.Name}";
            var value = field.Accessor.GetValue(message);
            if (field.FieldType == FieldType.String && !field.IsRepeated && keeps(fieldPath) && IsMentionedIn((string)value))
            {
                fields.Add(fieldPath);
            }
            else if (field.FieldType == FieldType.Message && !field.IsRepeated && value is IMessage inner)
            {
                Collect(inner, fieldPath, keeps, fields);
            }
        }
    }

    private const string Accented = "àáâãäåèéêëìíîïòóôõöùúûüÀÁÂÄÈÉÊËÌÍÎÏÒÓÔÖÙÚÛÜ";
    private const string Unaccented = "aaaaaaeeeeiiiiooooouuuuAAAAEEEEIIIIOOOOUUUU";
    private const char FirstFullWidth = '\uFF01', LastFullWidth = '\uFF5E', FirstAscii = '!';

    // Accents, full-width letters and invisible characters (a soft hyphen out of a PDF) are other ways to write the same
    // word. By hand, because String.Normalize knows only ASCII under InvariantGlobalization.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format)
            {
                continue;
            }
            var accent = Accented.IndexOf(letter, StringComparison.Ordinal);
            plain.Append(letter switch
            {
                _ when accent >= 0 => Unaccented[accent],
                >= FirstFullWidth and <= LastFullWidth => (char)(letter - FirstFullWidth + FirstAscii),
                _ => letter,
            });
        }
        return plain.ToString();
    }

    // [\W_]* between the parts of a word finds it written apart or with hyphens; what follows may be a longer compound
    // (loonwaardemeting). A percentage counts only beside performance or pay: hours and days have percentages too. It is sought from
    // the beginning of its number only: from each digit of a long one, the search would take the square of its length.
    [GeneratedRegex(
        """
        loon[\W_]*waard | wage[\W_]*value | value[\W_]+of[\W_]+(the[\W_]+)?wage
        | loon[\W_]*(kosten)?[\W_]*subsidi | \blks\b | wage[\W_]*(costs?)?[\W_]*subsid
        | loon[\W_]*dispensatie | wage[\W_]*dispensation
        | \b(arbeids)?productivi | \bproductief\b | \b(less|not|more|fully|percent)\W+productive\b
        | arbeidsprestatie | \bwork[\W_]+performance\b
        | verdien[\W_]*(capaciteit|vermogen) | \bearnings?[\W_]+(capacity|power)
        | minimum[\W_]*loon | minimum[\W_]+wage | \bwml\b
        | (prestatie(?!angst|druk)|presteer|presteren|performance|\boutput\b)[^.;\d]{0,30}\d+([.,]\d+)?\s*(%|procent|percent)
        | (?<!\d)\d+([.,]\d+)?\s*(%|procent|percent)[^.;\d]{0,40}
          (prestatie(?!angst|druk)|presteer|presteren|performance|\boutput\b|\bloon\b|\bwages?\b)
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
