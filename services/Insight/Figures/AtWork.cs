using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class AtWork
{
    public static readonly Figure Figure = new("at_work", FigureKind.Peildatum, FigureUnit.Persons)
    {
        Definition = new(
            "Personen met op de peildatum een plaatsing: begonnen op of voor die dag, laatste werkdag op of na die dag. Wie twee plaatsingen heeft, ook in twee gemeenten, telt eenmaal.",
            "Persons with a placement on the peildatum: started on or before that day, last day worked on or after it. Who has two placements, also in two municipalities, counts once."),
        Source = Sources.Placements,
        Regional = new(RegionalTable.Work),
        Compute = (facts, moment) => Measure.Count(Persons(facts, moment.Day()).Count),
    };

    /// <summary>Who is at work on a day.</summary>
    public static HashSet<Guid> Persons(FactSet facts, DateOnly day) =>
        [.. facts.Placements.Where(placement => placement.IsInForce(day)).Select(placement => placement.Person)];
}
