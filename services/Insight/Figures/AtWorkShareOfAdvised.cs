using BeschutWerk.Contracts.Insight;

namespace BeschutWerk.Insight.Figures;

internal static class AtWorkShareOfAdvised
{
    public static readonly Figure Figure = new("at_work_share_of_advised", FigureKind.Peildatum, FigureUnit.Percent)
    {
        Definition = new(
            "Personen die op de peildatum werken en een positief advies kregen tot en met de peildatum, of tot en met de laatste dag van een opgegeven cohort, als deel van die adviezen.",
            "Persons at work on the peildatum who got a positive advice up to the peildatum, or up to the last day of a given cohort, as a share of those advices."),
        Denominator = new(
            "Positieve adviezen afgegeven tot en met de peildatum, of tot en met de laatste dag van het cohort", "Positive advices issued up to the peildatum, or up to the last day of the cohort"),
        Source = Sources.AdvicesAndPlacements,
        HasCohort = true,
        Compute = (facts, moment) =>
        {
            var positive = facts.Advices.Where(advice => advice.IsPositiveBy(moment.To ?? moment.Day())).ToList();
            var atWork = AtWork.Persons(facts, moment.Day());
            atWork.IntersectWith(positive.Select(advice => advice.Person));
            return new Measure(Ratio.Share(atWork.Count, positive.Count));
        },
    };
}
