using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class AdviceRequests
{
    public static readonly Figure Figure = new("advice_requests", FigureKind.Period, FigureUnit.Requests)
    {
        Definition = new(
            "Adviesaanvragen die UWV in de periode heeft ontvangen, naar de dag van ontvangst, in elke stand: ook ingetrokken en nog niet beslist.",
            "Requests for advice that UWV received in the period, by day of receipt, in any state: withdrawn and undecided ones too."),
        Source = Sources.Advices,
        ByRequester = true,
        AddsUp = () => Figure!,
        Regional = new(RegionalTable.Advices),
        Compute = (facts, moment) => Measure.Count(facts.Advices.Count(advice => moment.Holds(advice.ReceivedOn))),
    };
}
