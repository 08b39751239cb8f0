using System.Globalization;
using System.Text;

namespace BeschutWerk.Sector.Persons;

/// <summary>A text in which numbers and what stands between them are written in one way.</summary>
internal static class PlainText
{
    /// <summary>
    /// Digits of every script and width as 0 to 9, every dash as a hyphen, every slash as a slash, every blank as a space, line
    /// breaks as a line feed; without what has no width. Everything else as it is.
    /// </summary>
    public static string Of(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.Replace("\r\n", "\n", StringComparison.Ordinal).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.DecimalDigitNumber:
                    plain.Append((char)('0' + (int)Rune.GetNumericValue(rune)));
                    break;
                case UnicodeCategory.DashPunctuation:
                    plain.Append('-');
                    break;
                // Also the accents and frames that are put on a sign: a digit in a box is that digit.
                case UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark:
                    break;
                default:
                    Append(plain, rune);
                    break;
            }
        }

        return plain.ToString();
    }

    private static void Append(StringBuilder plain, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n' or '\r' or '\v' or '\f' or 0x85 or 0x2028 or 0x2029:
                plain.Append('\n');
                break;
            case '\\' or 0x2044 or 0x2215 or 0xFF0F or 0xFF3C:
                plain.Append('/');
                break;
            // The minus sign; the points in the middle of a line and at full width.
            case 0x2212:
                plain.Append('-');
                break;
            case 0xB7 or 0x2022 or 0x2219 or 0x22C5 or 0x30FB or 0xFF0E:
                plain.Append('.');
                break;
            // Letters at full width, for the words that name a number.
            case >= 0xFF21 and <= 0xFF5A:
                plain.Append((char)(rune.Value - 0xFEE0));
                break;
            default:
                if (Rune.IsWhiteSpace(rune)) plain.Append(' ');
                else plain.Append(rune.ToString());
                break;
        }
    }
}
