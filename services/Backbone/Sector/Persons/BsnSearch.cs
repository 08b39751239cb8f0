using System.Buffers;
using System.Text;
using BeschutWerk.Backbone.Grpc;

namespace BeschutWerk.Sector.Persons;

/// <summary>
/// Looks for a citizen service number in a text: nine digits that pass the eleven-test and stand by themselves, with or
/// without blanks, points, hyphens, slashes, underscores or a line break between them. One in eleven other numbers of nine
/// digits passes too. What the digits cannot decide is decided so:
/// <list type="bullet">
/// <item>Numbers of a shape that a citizen service number never has are none: <see cref="OtherNumbers"/>.</item>
/// <item>A number that is called RSIN, right before it or in brackets behind it, is an organisation's.</item>
/// <item>A number that is called BSN is a person's also with eight digits: the zero in front was left out. Eight digits that are
/// not called so are a KvK number, a telephone number or a date.</item>
/// <item>"Kenmerk", "NL…B01" and the like decide nothing: some references and older VAT numbers are a citizen service number.</item>
/// <item>Everything else that passes is found. Who meant another number writes what it is, or "289.7 million".</item>
/// </list>
/// </summary>
internal static class BsnSearch
{
    private const int Digits = 9;

    private static readonly SearchValues<char> AsciiDigits = SearchValues.Create("0123456789");

    /// <summary>Longest row of blanks within a line that still joins two groups of digits: more is another column.</summary>
    private const int MostBlanks = 3;

    /// <summary>Digits that stand together.</summary>
    private readonly record struct Group(int Start, int End)
    {
        public int Length => End - Start;
    }

    /// <summary>How two groups hang together.</summary>
    private enum Joint
    {
        /// <summary>They do not.</summary>
        None,

        /// <summary>By one sign, or by blanks.</summary>
        Close,

        /// <summary>By a sign with blanks around it, as in 1.500 - 10.000: only if all are joined so is it one number.</summary>
        Spaced,

        /// <summary>The line was wrapped, which goes with both.</summary>
        Wrapped,
    }

    /// <summary>Whether there is one.</summary>
    public static bool IsIn(string text)
    {
        // Most texts, such as the name of an employer in each item of a stream, have too few digits.
        if (Ascii.IsValid(text) && text.AsSpan().CountAny(AsciiDigits) < Digits - 1) return false;
        var plain = OtherNumbers.TakenOutOf(PlainText.Of(text));
        var groups = GroupsOf(plain);
        for (var first = 0; first < groups.Count; first++)
        {
            if (BeginsAt(plain, groups, first)) return true;
        }

        return false;
    }

    private static bool BeginsAt(string plain, List<Group> groups, int first)
    {
        Span<char> digits = stackalloc char[Digits + 1];
        digits[0] = '0';
        var (count, joint) = (0, Joint.Wrapped);
        for (var last = first; last < groups.Count; last++)
        {
            var next = last == first ? Joint.Wrapped : JointOf(plain.AsSpan(groups[last - 1].End..groups[last].Start));
            if (next == Joint.None || (next != Joint.Wrapped && joint != Joint.Wrapped && next != joint)) return false;
            if (next != Joint.Wrapped) joint = next;
            if (count + groups[last].Length > Digits) return false;
            plain.AsSpan(groups[last].Start..groups[last].End).CopyTo(digits[(1 + count)..]);
            count += groups[last].Length;
            if (count >= Digits - 1 && IsPersons(plain, digits, count, groups[first].Start, groups[last].End)) return true;
        }

        return false;
    }

    private static bool IsPersons(string plain, ReadOnlySpan<char> withZero, int count, int start, int end)
    {
        if (!Bsn.IsValid(count == Digits ? withZero.Slice(1, Digits) : withZero[..Digits])) return false;
        var name = NumberNames.Before(plain, start);
        return name == NumberName.Person || (count == Digits && name == NumberName.None && !NumberNames.IsOrganisationBehind(plain, end));
    }

    private static List<Group> GroupsOf(string plain)
    {
        var groups = new List<Group>();
        for (var i = 0; i < plain.Length; i++)
        {
            if (!char.IsAsciiDigit(plain[i])) continue;
            var start = i;
            while (i < plain.Length && char.IsAsciiDigit(plain[i])) i++;
            groups.Add(new Group(start, i));
        }

        return groups;
    }

    private static Joint JointOf(ReadOnlySpan<char> between)
    {
        var sign = between.Trim(" \n");
        if (sign.Length > 1 || (sign.Length == 1 && sign[0] is not ('.' or '-' or '/' or '_'))) return Joint.None;
        var lines = between.Count('\n');
        // An empty line ends a paragraph.
        if (lines > 0) return lines == 1 ? Joint.Wrapped : Joint.None;
        if (between.Length > MostBlanks) return Joint.None;
        if (sign.Length == 0 || between.Length == 1) return Joint.Close;
        // A point and a blank end a sentence.
        return sign[0] == '.' ? Joint.None : Joint.Spaced;
    }
}
