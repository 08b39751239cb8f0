using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace BeschutWerk.Insight.Figures;

/// <summary>An exact value: what a figure is before anybody rounds it. Never negative, never a float.</summary>
/// <param name="Numerator">Above the line.</param>
/// <param name="Denominator">Below the line, above 0.</param>
internal readonly partial record struct Ratio(Int128 Numerator, Int128 Denominator)
{
    private const int Decimals = 6;

    public static Ratio Of(long count) => new(count, 1);

    /// <summary>Null where there is nothing to divide by: no figure is not the figure 0.</summary>
    public static Ratio? Share(long part, long whole) => whole == 0 ? null : new(part, whole);

    public Ratio Times(Ratio other) => new(Numerator * other.Numerator, Denominator * other.Denominator);

    public Ratio Plus(Ratio other) => new((Numerator * other.Denominator) + (other.Numerator * Denominator), Denominator * other.Denominator);

    public bool IsSameAs(Ratio other) => Numerator * other.Denominator == other.Numerator * Denominator;

    /// <summary>The nearest multiple of a step; halfway goes up.</summary>
    public Ratio RoundHalfUp(Ratio step)
    {
        // value / step + 1/2, rounded down
        var above = (2 * Numerator * step.Denominator) + (Denominator * step.Numerator);
        var below = 2 * Denominator * step.Numerator;
        return new(above / below * step.Numerator, step.Denominator);
    }

    /// <summary>As a decimal with a point, rounded half up.</summary>
    /// <param name="decimals">Digits after the point.</param>
    public string ToText(int decimals = Decimals)
    {
        var scale = PowerOfTen(decimals);
        var scaled = RoundHalfUp(new Ratio(1, scale)).Numerator;
        var whole = (scaled / scale).ToString(CultureInfo.InvariantCulture);
        return decimals == 0 ? whole : $"{whole}.{(scaled % scale).ToString($"D{decimals}", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Reads a decimal with a point: at most 12 digits before it and six after.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Ratio? value)
    {
        value = null;
        if (!Number().IsMatch(text)) return false;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : text.Length - point - 1;
        value = new Ratio(Int128.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), PowerOfTen(decimals));
        return true;
    }

    private static Int128 PowerOfTen(int exponent)
    {
        Int128 power = 1;
        for (var i = 0; i < exponent; i++) power *= 10;
        return power;
    }

    // \z, not $: a line break at the end is no digit.
    [GeneratedRegex(@"^[0-9]{1,12}(\.[0-9]{1,6})?\z")]
    private static partial Regex Number();
}
