using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.Figures;

internal static class DaysAdviceToStart
{
    public static readonly Figure Figure = new("days_advice_to_start", FigureKind.Peildatum, FigureUnit.Days)
    {
        Definition = new(
            "Gemiddeld aantal dagen tussen het positieve advies en de eerste plaatsing van een persoon, van eerste plaatsingen die op of voor de peildatum zijn begonnen; bij meer adviezen het laatste op of voor de start. Een maand is 30,4375 dagen. Ernaast: de mediaan; p90, de kleinste duur waarbinnen ten minste negen van de tien zijn begonnen; started, het aantal starts; en censored, de personen met een positief advies die nog niet waren begonnen.",
            "Mean number of days between the positive advice and a person's first placement, of first placements that started on or before the peildatum; of several advices the latest on or before the start. A month is 30.4375 days. Beside it: the median; p90, the shortest time within which at least nine in ten had started; started, the number of starts; and censored, the persons with a positive advice who had not started yet."),
        Denominator = new(
            "Eerste plaatsingen begonnen op of voor de peildatum, na een positief advies", "First placements started on or before the peildatum, after a positive advice"),
        Source = Sources.AdvicesAndPlacements,
        Compute = (facts, moment) =>
        {
            var advised = facts.Advices.Where(advice => advice.IsPositiveBy(moment.Day())).ToLookup(advice => advice.Person, advice => advice.IssuedOn!.Value);
            var firstStarts = FirstStarts(facts, moment.Day());
            var days = Days(firstStarts, advised);
            return new Measure(Ratio.Share(days.Sum(), days.Count))
            {
                Parts =
                [
                    .. days.Count == 0 ? (Part[])[] : [new Part("median", Median(days), FigureUnit.Days), new Part("p90", Ratio.Of(NearestRank(days, 90)), FigureUnit.Days)],
                    new Part("started", Ratio.Of(days.Count), FigureUnit.Persons),
                    new Part("censored", Ratio.Of(advised.Count(person => !firstStarts.ContainsKey(person.Key))), FigureUnit.Persons),
                ],
            };
        },
    };

    private static Dictionary<Guid, DateOnly> FirstStarts(FactSet facts, DateOnly day) => facts.Placements
        .Where(placement => placement.StartOn <= day && placement.IsInForce(placement.StartOn))
        .GroupBy(placement => placement.Person)
        .ToDictionary(placements => placements.Key, placements => placements.Min(placement => placement.StartOn));

    /// <summary>In ascending order.</summary>
    private static List<long> Days(Dictionary<Guid, DateOnly> firstStarts, ILookup<Guid, DateOnly> advised)
    {
        var days = new List<long>(firstStarts.Count);
        foreach (var (person, start) in firstStarts)
        {
            var before = advised[person].Where(issued => issued <= start).Select(issued => issued.DayNumber).DefaultIfEmpty(-1).Max();
            if (before >= 0) days.Add(start.DayNumber - before);
        }

        days.Sort();
        return days;
    }

    /// <summary>The middle one, or halfway between the two in the middle.</summary>
    internal static Ratio Median(List<long> sorted) => new(sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2], 2);

    /// <summary>The smallest value that at least so many percent do not exceed.</summary>
    internal static long NearestRank(List<long> sorted, int percent) => sorted[(((percent * sorted.Count) + 99) / 100) - 1];
}
