using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo.History;

/// <summary>Who starts, when, for how many hours, and who leaves again.</summary>
internal sealed class Placements
{
    // Nobody starts within three weeks of the advice: the college determines, offers and gets an answer first.
    private const int FastestStart = 21;

    // Four hurdles of 89 / 4 days each on average bring the mean from advice to start to three months.
    private const int Hurdles = 4, MeanDelay = 89, LongestDelay = 420;

    // Chance in a hundred that a person with a positive advice is placed without waiting for others.
    private const int PlacedWhereLagging = 35, PlacedWhereLeading = 93, PlacedElsewhere = 85;

    // Who ends has worked three weeks; who is counted as leaving started a month before the quarter's end.
    private const int ShortestWork = 20, SettledAfter = 30;

    /// <summary>Hours a week and how many of sixteen people work them: 25.0 on average.</summary>
    private static readonly (int Hours, int Of16)[] Mix = [(16, 2), (20, 3), (24, 4), (28, 4), (32, 2), (36, 1)];

    public static IReadOnlyList<int> Minutes { get; } = Mix.SelectMany(m => Enumerable.Repeat(m.Hours * 60, m.Of16)).ToList();

    private readonly List<Draft> positive;
    private readonly SplitMix random;
    private readonly List<int> cards;
    private List<Draft> working = [];

    private Placements(List<Draft> drafts, int cardsNeeded, SplitMix random)
    {
        this.random = random;
        positive = random.Shuffled(drafts.Where(d => d.Verdict == Verdict.Positive));
        cards = random.Shuffled(Enumerable.Range(0, cardsNeeded).Select(i => Minutes[i % Minutes.Count]));
    }

    /// <summary>
    /// Places people quarter by quarter. Hours are cards: who starts takes one, who ends puts it back, and there are as
    /// many cards as people at work on <paramref name="exactOn"/>, so that the mix is exact on that day.
    /// </summary>
    public static void Make(List<Draft> drafts, IReadOnlyList<QuarterPlan> plans, DateOnly exactOn,
        Alternatives alternatives, Dropouts dropouts, SplitMix random)
    {
        var atWork = plans.Where(p => Quarter.Parse(p.Quarter).Last <= exactOn).Sum(p => p.Starts - p.Ends);
        var placements = new Placements(drafts, atWork, random);
        foreach (var draft in placements.positive) draft.Due = placements.DrawDue(draft);
        foreach (var plan in plans)
        {
            var quarter = Quarter.Parse(plan.Quarter);
            if (quarter.First == Alternatives.NumbersRise) alternatives.Play(placements.positive);
            placements.Play(plan, quarter);
            dropouts.Play(placements.positive, quarter, plan.Dropouts);
        }
    }

    private DateOnly? DrawDue(Draft draft)
    {
        var delay = 0;
        for (var hurdle = 0; hurdle < Hurdles; hurdle++)
        {
            do delay++;
            while (!random.Chance(Hurdles, MeanDelay));
        }
        var placed = draft.Town.IsLagging ? PlacedWhereLagging : draft.Town.HasBudget ? PlacedWhereLeading : PlacedElsewhere;
        var due = draft.IssuedOn!.Value.AddDays(Math.Min(FastestStart + delay, LongestDelay));
        return random.Chance(placed, 100) ? due : null;
    }

    private void Play(QuarterPlan plan, Quarter quarter)
    {
        // A last day on the eve of the quarter is still worked in the one before.
        var eve = quarter.First.AddDays(-1);
        foreach (var draft in random.Sample(working.Where(d => d.StartOn <= eve.AddDays(-SettledAfter)), plan.EndsOnEve)) End(draft, eve);

        EndSome(working.Where(d => d.StartOn < quarter.First), plan.Ends - plan.EndsOnEve - plan.EndsAdvisedInQuarter, quarter);

        var pool = positive.Where(d => d.IsWaiting).OrderBy(d => d.Due ?? DateOnly.MaxValue).ToList();
        if (plan.StartsAdvisedInQuarter is { } own)
        {
            Start(pool.Where(d => d.IssuedOn < quarter.First), plan.Starts - own, quarter);
            Start(pool.Where(d => d.IssuedOn >= quarter.First), own, quarter);
        }
        else
        {
            Start(pool, plan.Starts, quarter);
        }
        EndSome(working.Where(d => d.IssuedOn >= quarter.First), plan.EndsAdvisedInQuarter, quarter);
    }

    private void Start(IEnumerable<Draft> pool, int count, Quarter quarter)
    {
        foreach (var draft in pool)
        {
            if (count == 0) return;
            if (StartDay(draft, quarter) is not { } start || !TryPlace(draft, start)) continue;
            working.Add(draft);
            count--;
        }
        if (count > 0) throw new InvalidOperationException($"{count} people too few can start in the quarter from {quarter.First:O}.");
    }

    private DateOnly? StartDay(Draft draft, Quarter quarter)
    {
        var earliest = Days.Later(quarter.First, draft.IssuedOn!.Value.AddDays(FastestStart));
        if (earliest > quarter.Last) return null;
        var wanted = draft.Due is { } due && due <= quarter.Last
            ? Days.Later(Days.Later(due, earliest), quarter.First.AddDays(random.Between(0, ShortestWork)))
            : earliest.AddDays(random.Between(0, earliest.DaysUntil(quarter.Last)));
        for (var day = wanted; day <= quarter.Last; day = day.AddDays(1)) if (day.IsStartDay()) return day;
        for (var day = Days.Earlier(wanted, quarter.Last); day >= earliest; day = day.AddDays(-1)) if (day.IsStartDay()) return day;
        return earliest.WeekdayFrom() is var weekday && weekday <= quarter.Last ? weekday : null;
    }

    private bool TryPlace(Draft draft, DateOnly start)
    {
        var advised = draft.IssuedOn!.Value;
        var determined = advised.AddDays(Math.Clamp(advised.DaysUntil(start) * 3 / 10, 5, 28)).WeekdayFrom();
        var offered = Days.Later(determined, start.AddDays(-random.Between(10, 14)).WeekdayUpTo());
        var place = new Reservation(offered, start, cards.Count > 0 ? cards[^1] : random.One(Minutes));
        if (!draft.Town.TryHold(place)) return false;
        if (cards.Count > 0) cards.RemoveAt(cards.Count - 1);

        draft.DeterminedOn = determined;
        draft.Offer = place;
        draft.Accepted = true;
        draft.AnsweredOn = Days.Earlier(start.AddDays(-1), offered.AddDays(random.Between(2, 7)));
        draft.StartOn = start;
        return true;
    }

    private void EndSome(IEnumerable<Draft> pool, int count, Quarter quarter)
    {
        // Who ends, ends before the quarter's last day: on that day the figures count.
        var last = quarter.Last.AddDays(-1);
        foreach (var draft in random.Sample(pool.Where(d => d.StartOn!.Value.AddDays(ShortestWork) < last), count))
        {
            var first = Days.Later(quarter.First, draft.StartOn!.Value.AddDays(ShortestWork));
            End(draft, first.AddDays(random.Between(0, first.DaysUntil(last))));
        }
    }

    private void End(Draft draft, DateOnly lastDay)
    {
        draft.LastDay = draft.Offer!.HoldsUntil = lastDay;
        working.Remove(draft);
        cards.Insert(random.Below(cards.Count + 1), draft.Offer.Minutes);
    }
}
