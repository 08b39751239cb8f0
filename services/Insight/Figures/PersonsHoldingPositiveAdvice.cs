using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Insight.Figures;

internal static class PersonsHoldingPositiveAdvice
{
    public static readonly Figure Figure = new("persons_holding_positive_advice", FigureKind.Peildatum, FigureUnit.Persons)
    {
        Definition = new(
            "Personen van wie het laatste advies tot en met de peildatum positief is; een persoon telt eenmaal. Dit is niet het aantal afgegeven adviezen.",
            "Persons whose latest advice up to the peildatum is positive; a person counts once. This is not the number of advices issued."),
        Source = Sources.Advices,
        // Two advices of one person on one day: the negative one is the later, since only a positive one can be converted.
        Compute = (facts, moment) => Measure.Count(facts.Advices
            .Where(advice => advice.IssuedOn <= moment.Day())
            .GroupBy(advice => advice.Person)
            .Count(advices => advices.MaxBy(advice => (advice.IssuedOn, advice.Verdict))!.Verdict == Verdict.Positive)),
    };
}
