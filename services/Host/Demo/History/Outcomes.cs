using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Host.Demo.History;

/// <summary>What becomes of those who did not start: the college's decision, and a declined offer.</summary>
internal static class Outcomes
{
    private const int Declines = 40;

    /// <summary>The college decides within four weeks, well within its own eight (Awb 4:13).</summary>
    public static DateOnly DrawDetermination(DateOnly advised, SplitMix random) => advised.AddDays(random.Between(7, 28)).WeekdayUpTo();

    public static void Make(List<Draft> drafts, DateOnly lastDay, SplitMix random)
    {
        foreach (var draft in drafts.Where(d => d.Verdict != Verdict.Unspecified && d.DeterminedOn is null))
        {
            var determined = DrawDetermination(draft.IssuedOn!.Value, random);
            if (determined <= lastDay) draft.DeterminedOn = determined;
        }
        DeclineSome(drafts, lastDay, random);
    }

    private static void DeclineSome(List<Draft> drafts, DateOnly lastDay, SplitMix random)
    {
        var declined = 0;
        foreach (var draft in random.Shuffled(drafts.Where(d => d.IsWaiting && d.DeterminedOn is not null && d.ReceivedOn.Year >= 2017)))
        {
            if (declined == Declines) return;
            var offered = draft.DeterminedOn!.Value.AddDays(random.Between(14, 60)).WeekdayFrom();
            var answered = offered.AddDays(random.Between(2, 7));
            if (answered > lastDay) continue;
            var place = new Reservation(offered, offered.AddDays(14).MondayFrom(), random.One(Placements.Minutes)) { HoldsUntil = answered };
            if (!draft.Town.TryHold(place)) continue;
            (draft.Offer, draft.AnsweredOn) = (place, answered);
            declined++;
        }
    }
}
