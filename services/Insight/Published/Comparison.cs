using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Published;

/// <summary>A published figure beside ours.</summary>
/// <param name="Ours">Our quotient of counts; null when it has no value.</param>
/// <param name="Rounded">Ours in the published unit, rounded half up to the published step; empty when it has no value.</param>
/// <param name="IsEqual">Whether that is the published value.</param>
/// <param name="RestsOnSynthetic">Whether a number that is filled in was used.</param>
internal sealed record Comparison(Ratio? Ours, string Rounded, bool IsEqual, bool RestsOnSynthetic)
{
    /// <summary>Compares; the import checked that the published figure can be.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="published">As published.</param>
    /// <param name="facts">Of the municipality and requester of the published figure.</param>
    public static Comparison Of(Figure figure, PublishedFigureRow published, FactSet facts)
    {
        var (ours, synthetic) = Compute(figure, published, facts);
        if (ours is not { } value || !Ratio.TryParse(published.RoundingStep, out var step) || !Ratio.TryParse(published.Value, out var told))
        {
            return new Comparison(null, "", false, synthetic);
        }

        var rounded = value.Times(Units.Factor(figure.Unit, published.Unit)!.Value).RoundHalfUp(step.Value);
        return new Comparison(value, rounded.ToText(DecimalsOf(published.RoundingStep)), rounded.IsSameAs(told.Value), synthetic);
    }

    private static (Ratio? Value, bool Synthetic) Compute(Figure figure, PublishedFigureRow published, FactSet facts)
    {
        var moment = published.Moment;
        if (figure.Compute is null) return (null, false);
        if (published.Scenario == Scenario.RepeatQuarter)
        {
            var baseQuarter = PublishedFigureRules.BaseQuarter((moment.Peildatum ?? moment.To)!.Value);
            return (Extrapolation.RepeatQuarter(figure, facts, moment, baseQuarter).Value, false);
        }

        var measure = figure.Compute(facts, moment);
        return (measure.Value, measure.RestsOnSynthetic);
    }

    private static int DecimalsOf(string step) => step.Contains('.', StringComparison.Ordinal) ? step.Length - step.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
}
