using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class PositiveAdvices
{
    public static readonly Figure Figure = new("positive_advices", FigureKind.Period, FigureUnit.Advices)
    {
        Definition = new(
            "Positieve adviezen beschut werk die UWV in de periode heeft afgegeven, naar de dag van afgifte.",
            "Positive advices on sheltered work that UWV issued in the period, by day of issue."),
        Source = Sources.Advices,
        ByRequester = true,
        AddsUp = () => Figure!,
        Regional = new(RegionalTable.Advices),
        Compute = (facts, moment) => Measure.Count(facts.Advices.Count(advice => advice.Verdict == Verdict.Positive && moment.Holds(advice.IssuedOn))),
    };
}
