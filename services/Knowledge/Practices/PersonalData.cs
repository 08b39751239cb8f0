using System.Globalization;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>
/// Finds what may be a citizen service number: nine digits that pass the eleven-test and stand by themselves, also when
/// they are grouped by single spaces, points or hyphens. One in eleven other numbers of nine digits passes too; writing
/// it otherwise ("289.7 million") is a small price.
/// </summary>
internal static class PersonalData
{
    private const int Digits = 9;

    /// <summary>Refuses texts with such a number, naming their fields and never the number.</summary>
    /// <exception cref="RefusalException">PERSONAL_DATA.</exception>
    public static void Refuse(params ReadOnlySpan<(string Field, string Text)> texts)
    {
        var violations = new List<FieldViolation>();
        foreach (var (field, text) in texts)
        {
            if (HoldsBsn(text)) violations.Add(new FieldViolation { Field = field, Description = "Holds a number that passes the eleven-test of the citizen service number." });
        }

        if (violations.Count > 0)
        {
            throw (Refusal.Of(ErrorReason.PersonalData, "A text holds what may be a citizen service number.") with { Violations = violations }).ToException();
        }
    }

    /// <summary>Whether a text holds such a number.</summary>
    public static bool HoldsBsn(string text)
    {
        // The groups of digits that belong together, such as 1234, 56 and 782, with the digits of all of them in one row.
        var digits = new List<char>();
        var starts = new List<int>();
        var lastDigit = -3; // too far before the text to be joined to it
        for (var i = 0; i < text.Length; i++)
        {
            // Also digits of other scripts and full-width ones.
            var digit = CharUnicodeInfo.GetDecimalDigitValue(text[i]);
            if (digit < 0) continue;
            if (i != lastDigit + 1)
            {
                var joined = i == lastDigit + 2 && IsSeparator(text[i - 1]);
                if (!joined)
                {
                    if (AnyWindow(digits, starts)) return true;
                    digits.Clear();
                    starts.Clear();
                }

                starts.Add(digits.Count);
            }

            digits.Add((char)('0' + digit));
            lastDigit = i;
        }

        return AnyWindow(digits, starts);
    }

    /// <summary>Whether some groups in a row are nine digits that pass.</summary>
    private static bool AnyWindow(List<char> digits, List<int> starts)
    {
        if (digits.Count < Digits) return false;
        Span<char> window = stackalloc char[Digits];
        foreach (var start in starts)
        {
            var end = start + Digits;
            if (end != digits.Count && starts.BinarySearch(end) < 0) continue;
            for (var i = 0; i < Digits; i++) window[i] = digits[start + i];
            if (Bsn.IsValid(window)) return true;
        }

        return false;
    }

    /// <summary>Spaces of every width, points, hyphens and dashes, and what has no width at all.</summary>
    private static bool IsSeparator(char letter) =>
        letter is '.' or '·' || (char.IsWhiteSpace(letter) && letter is not ('\n' or '\r'))
        || char.GetUnicodeCategory(letter) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format;
}
