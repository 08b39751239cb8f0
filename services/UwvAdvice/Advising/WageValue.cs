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
    public static IReadOnlyList<string> FieldsThatMention(IMessage message, string path)
    {
        var fields = new List<string>();
        Collect(message, path, fields);
        return fields;
    }

    /// <summary>Whether a text speaks of wage value, productivity or a wage subsidy, in Dutch or English.</summary>
    public static bool IsMentionedIn(string text) => Words().IsMatch(Plain(text));

    // By reflection, so that a text that is added to the assessment one day is guarded from that day on.
    private static void Collect(IMessage message, string path, List<string> fields)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var fieldPath = $"{path}.{field.Name}";
            var value = field.Accessor.GetValue(message);
            if (field.FieldType == FieldType.String && !field.IsRepeated && IsMentionedIn((string)value))
            {
                fields.Add(fieldPath);
            }
            else if (field.FieldType == FieldType.Message && !field.IsRepeated && value is IMessage inner)
            {
                Collect(inner, fieldPath, fields);
            }
        }
    }

    // Letters with accents, full-width letters and invisible characters are other ways to write the same word.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.Format))
            {
                plain.Append(rune);
            }
        }
        return plain.ToString();
    }

    // \W* between the parts of a word finds it written apart or with hyphens; what follows a word may be a longer compound
    // (loonwaardemeting). A percentage counts only beside performance or minimum wage: hours and time have percentages too.
    [GeneratedRegex(
        """
        loon[\W_]*waard | wage[\W_]*value | value[\W_]+of[\W_]+(the[\W_]+)?wage
        | loon[\W_]*(kosten)?[\W_]*subsidi | \blks\b | wage[\W_]*(cost[s]?)?[\W_]*subsid
        | loon[\W_]*dispensatie | wage[\W_]*dispensation
        | (?<!re)productivi | (?<!re)\bproductief\b | \barbeidsprestatie | \bwork[\W_]+performance\b
        | verdien[\W_]*(capaciteit|vermogen) | earning[s]?[\W_]+(capacity|power)
        | minimum[\W_]*loon | minimum[\W_]+wage | \bwml\b
        | (prestatie|presteer|presteren|\bperform|\boutput\b|\bpresta)[^.;\d]{0,30}\d+([.,]\d+)?\s*(%|procent|percent)
        | \d+([.,]\d+)?\s*(%|procent|percent)[^.;\d]{0,40}(prestatie(?!(angst|druk))|presteer|presteren|\bperform|\boutput\b|\bloon\b|\bwage[s]?\b)
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Words();
}
