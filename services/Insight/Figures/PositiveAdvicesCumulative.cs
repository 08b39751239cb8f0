using BeschutWerk.Contracts.Insight;

namespace BeschutWerk.Insight.Figures;

internal static class PositiveAdvicesCumulative
{
    public static readonly Figure Figure = new("positive_advices_cumulative", FigureKind.Peildatum, FigureUnit.Advices)
    {
        Definition = new(
            "Positieve adviezen die UWV tot en met de peildatum heeft afgegeven, bij elkaar. Een latere omzetting verlaagt dit aantal niet.",
            "Positive advices that UWV issued up to the peildatum, added up. A later conversion does not lower it."),
        Source = Sources.Advices,
        ByRequester = true,
        AddsUp = () => PositiveAdvices.Figure,
        Compute = (facts, moment) => Measure.Count(facts.Advices.Count(advice => advice.IsPositiveBy(moment.Day()))),
    };
}
