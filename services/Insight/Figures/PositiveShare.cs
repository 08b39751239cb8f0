using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class PositiveShare
{
    public static readonly Figure Figure = new("positive_share", FigureKind.Period, FigureUnit.Percent)
    {
        Definition = new(
            "Positieve adviezen als deel van alle adviezen die in de periode zijn afgegeven. Ingetrokken en nog niet besliste aanvragen en omzettingen tellen niet mee.",
            "Positive advices as a share of all advices issued in the period. Withdrawn and undecided requests and conversions do not count."),
        Denominator = new("Adviezen afgegeven in de periode, positief en negatief", "Advices issued in the period, positive and negative"),
        Source = Sources.Advices,
        ByRequester = true,
        Regional = new(RegionalTable.Advices) { DenominatorCounts = true },
        Compute = (facts, moment) =>
        {
            var decided = facts.Advices.Where(advice => moment.Holds(advice.IssuedOn)).ToList();
            return new Measure(Ratio.Share(decided.Count(advice => advice.Verdict == Verdict.Positive), decided.Count));
        },
    };
}
