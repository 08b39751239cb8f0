using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;

namespace BeschutWerk.Insight.Figures;

/// <summary>From a quotient of counts to the unit in which it is told.</summary>
internal static class Units
{
    private static readonly Ratio Hundred = Ratio.Of(100);

    /// <summary>Months in a day: 1 / 30.4375, a twelfth of 365.25 days.</summary>
    private static readonly Ratio MonthsPerDay = new(16, 487);

    private static readonly Ratio One = Ratio.Of(1);

    /// <summary>By what a figure's quotient is multiplied to be told in another unit; null when it cannot be.</summary>
    /// <param name="own">The figure's unit.</param>
    /// <param name="told">The unit in which it is told.</param>
    public static Ratio? Factor(FigureUnit own, FigureUnit told) => (own, told) switch
    {
        (FigureUnit.Percent, FigureUnit.Percent) => Hundred,
        (FigureUnit.Days, FigureUnit.Months) => MonthsPerDay,
        // Advices are not persons: a count is told in what it counts.
        _ when own == told => One,
        _ => null,
    };
}
