using BeschutWerk.Insight.Figures;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Insight;

public sealed class RatioTests
{
    private static Ratio Parse(string text) => Ratio.TryParse(text, out var value) ? value.Value : throw new ArgumentException("No decimal.", nameof(text));

    [Theory]
    [InlineData("36.49", "1", "36")]
    [InlineData("36.5", "1", "37")]
    [InlineData("36.72", "1", "37")]
    [InlineData("0.5", "1", "1")]
    [InlineData("0.499999", "1", "0")]
    [InlineData("0", "1", "0")]
    [InlineData("1649", "100", "1600")]
    [InlineData("1650", "100", "1700")]
    [InlineData("36.65", "0.1", "36.7")]
    [InlineData("36.649999", "0.1", "36.6")]
    [InlineData("12", "5", "10")]
    [InlineData("12.5", "5", "15")]
    [InlineData("2.999999", "2.5", "2.5")]
    public void Halfway_goes_up(string value, string step, string rounded) =>
        Assert.True(Parse(value).RoundHalfUp(Parse(step)).IsSameAs(Parse(rounded)));

    [Fact]
    public void A_third_has_no_decimal_but_is_exact()
    {
        var third = new Ratio(1, 3);

        Assert.Equal("0.333333", third.ToText());
        Assert.Equal("0.666667", third.Plus(third).ToText());
        Assert.True(third.Times(Ratio.Of(3)).IsSameAs(Ratio.Of(1)));
    }

    [Theory]
    [InlineData(0, "37")]
    [InlineData(1, "36.7")]
    [InlineData(2, "36.72")]
    [InlineData(6, "36.724566")]
    public void Is_written_with_the_decimals_that_are_asked(int decimals, string text) =>
        Assert.Equal(text, new Ratio(177_600_000, 4_836_000).ToText(decimals));

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1,5")]
    [InlineData("1e3")]
    [InlineData("1.1234567")]
    [InlineData("1234567890123")]
    [InlineData(" 1")]
    [InlineData("1\n")]
    [InlineData("１")]
    [InlineData("NaN")]
    public void Text_that_is_no_decimal_is_refused(string text) => Assert.False(Ratio.TryParse(text, out _));

    [Fact]
    public void What_is_written_reads_back_as_the_same() =>
        Gen.Select(Gen.Long[0, 999_999_999_999], Gen.Int[0, 999_999]).Sample((whole, fraction) =>
        {
            var text = $"{whole}.{fraction:D6}";
            return Parse(text).ToText() == text;
        });

    [Fact]
    public void Rounding_moves_a_value_by_at_most_half_a_step() =>
        Gen.Select(Gen.Long[0, 1_000_000_000], Gen.Long[1, 1_000_000], Gen.Long[1, 10_000]).Sample((part, whole, step) =>
        {
            var value = new Ratio(part, whole);
            var rounded = value.RoundHalfUp(Ratio.Of(step));
            var (twiceRounded, twiceValue) = (2 * rounded.Numerator * whole, 2 * (Int128)part);
            // -step < 2 (value - rounded) <= step, without the end that goes up
            return twiceValue - twiceRounded < (Int128)step * whole && twiceRounded - twiceValue <= (Int128)step * whole;
        });

    [Fact]
    public void Nothing_to_divide_by_is_no_value() => Assert.Null(Ratio.Share(3, 0));
}
