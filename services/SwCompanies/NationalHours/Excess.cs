using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.Placements;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>A placement of a person, in one of their cases.</summary>
internal sealed record PlacementElsewhere(Guid CaseId, Guid PlacementId, PlacementRecord Record);

/// <summary>From a day on, more than forty hours a week in several cases of a person together.</summary>
/// <param name="CaseId">One of them.</param>
/// <param name="PlacementId">Its placement on that day that began last.</param>
/// <param name="MinutesPerWeek">In all of them.</param>
internal sealed record Excess(Guid CaseId, Guid PlacementId, DateOnly FromOn, int MinutesPerWeek)
{
    /// <summary>Each beginning of such a time, for each case with hours on that day.</summary>
    public static IEnumerable<Excess> Of(IReadOnlyList<PlacementElsewhere> placements)
    {
        // The sum only rises where hours begin.
        var days = placements.SelectMany(placement => placement.Record.Stretches()).Select(stretch => stretch.From).Distinct().Order();
        foreach (var day in days)
        {
            if (!IsTooMuch(day) || (day > DateOnly.MinValue && IsTooMuch(day.AddDays(-1)))) continue;
            foreach (var here in On(day).GroupBy(placement => placement.CaseId))
            {
                var last = here.MaxBy(placement => (placement.Record.StartOn, placement.PlacementId))!;
                yield return new Excess(here.Key, last.PlacementId, day, Minutes(day));
            }
        }

        // What is too much in one case alone is refused, or named, where that case is.
        bool IsTooMuch(DateOnly day) =>
            Minutes(day) > PlacementRules.MostMinutesPerWeek && On(day).DistinctBy(placement => placement.CaseId).Count() > 1;

        int Minutes(DateOnly day) => On(day).Sum(placement => placement.Record.MinutesOn(day));

        IEnumerable<PlacementElsewhere> On(DateOnly day) => placements.Where(placement => placement.Record.IsInForce(day));
    }
}
