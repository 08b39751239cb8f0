using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>
/// As what a case counts from day to day: at work by its placements, each with its hours; on days without work by where the case
/// stands. The sum over all cases is the ledger.
/// </summary>
public static class CaseStandings
{
    /// <summary>
    /// The standings of a case that have begun by a day, and the places that it holds from a later day on. What else begins later
    /// only if nothing happens is told when its day comes.
    /// </summary>
    public static IReadOnlyList<Standing> Of(CaseHistory history, DateOnly today) =>
        [.. Work(history).Concat(Between(history)).Where(standing => standing.FromOn <= today || standing.Kind == StandingKind.Reserved).OrderBy(standing => standing.FromOn)];

    private static IEnumerable<Standing> Work(CaseHistory history) =>
        from placement in history.Placements
        from stretch in placement.Record.Stretches()
        select new Standing(
            StandingKind.AtWork, stretch.MinutesPerWeek, stretch.From, stretch.LastDay == DateOnly.MaxValue ? null : stretch.LastDay,
            placement.OfferId, placement.PlacementId);

    /// <summary>The days on which nobody works. Work begins and ends on days of the course, so that a stretch of it has work or has none.</summary>
    private static List<Standing> Between(CaseHistory history)
    {
        var days = history.Course.Days;
        var found = new List<Standing>();
        for (var i = 0; i < days.Count; i++)
        {
            var day = days[i];
            DateOnly? last = i + 1 < days.Count ? days[i + 1].From.AddDays(-1) : null;
            if (KindOf(day.Track) is not { } kind || history.Calendar.IsAtWork(day.From)) continue;
            var offer = kind == StandingKind.Reserved ? day.Offer : null;
            var standing = new Standing(kind, offer?.MinutesPerWeek ?? 0, day.From, last, offer?.OfferId);
            if (found.Count > 0 && found[^1] is var before && before.LastDay?.AddDays(1) == day.From && before with { FromOn = day.From, LastDay = last } == standing)
            {
                found[^1] = before with { LastDay = last };
            }
            else
            {
                found.Add(standing);
            }
        }

        return found;
    }

    private static StandingKind? KindOf(CaseState track) => track switch
    {
        CaseState.DeterminedPositive => StandingKind.Waiting,
        CaseState.OfferOpen or CaseState.OfferAccepted => StandingKind.Reserved,
        CaseState.OfferDeclined or CaseState.AlternativeOffered => StandingKind.ServedOtherwise,
        _ => null,
    };
}
