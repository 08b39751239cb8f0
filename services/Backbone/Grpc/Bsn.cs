namespace BeschutWerk.Backbone.Grpc;

/// <summary>The citizen service number (BSN).</summary>
public static class Bsn
{
    /// <summary>
    /// The eleven-test: nine digits with weights 9, 8 … 2 and -1, whose sum divides by eleven; not all zero.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length != 9) return false;
        var sum = 0;
        for (var i = 0; i < 9; i++)
        {
            if (!char.IsAsciiDigit(text[i])) return false;
            sum += (text[i] - '0') * (i == 8 ? -1 : 9 - i);
        }

        return sum % 11 == 0 && text.ContainsAnyExcept('0');
    }
}
