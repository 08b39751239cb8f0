using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo.History;

/// <summary>Who asks UWV, where, when, and what UWV advises.</summary>
internal static class Requests
{
    // UWV answers within eight weeks (Besluit advisering art. 2 lid 1), and never within two: it investigates.
    private const int Fastest = 14, Slowest = 56, Usual = 28;

    // A request that is carried over a quarter's end came in during the last six weeks of it.
    private const int CarriedAtMost = 42, UndecidedAtMost = 45;

    // Citizens ask everywhere, also where the municipality itself is not active.
    private const int ActivityOfCitizens = 30;

    // In 2015 and 2016 about a third of the municipalities did not take part.
    private const int NotTakingPart = 125;

    public static List<Draft> Make(ReferenceData reference, IReadOnlyList<Town> towns, SplitMix random)
    {
        var drafts = new List<Draft>();
        foreach (var requester in new[] { Requester.Municipality, Requester.Citizen })
        {
            var carried = 0;
            foreach (var plan in reference.Plan)
            {
                var quarter = Quarter.Parse(plan.Quarter);
                var (positive, negative, undecided) = requester == Requester.Municipality
                    ? (plan.MunicipalPositive, plan.MunicipalNegative, plan.MunicipalUndecided)
                    : (plan.CitizenPositive, plan.CitizenNegative, plan.CitizenUndecided);
                var verdicts = random.Shuffled(Enumerable.Repeat(Verdict.Positive, positive).Concat(Enumerable.Repeat(Verdict.Negative, negative)));
                drafts.AddRange(verdicts.Select((verdict, i) => Decided(requester, verdict, quarter, i < carried, random)));
                carried = undecided;
            }
            var last = Quarter.Parse(reference.Plan[^1].Quarter).Last;
            drafts.AddRange(Enumerable.Range(0, carried).Select(_ => new Draft
            {
                Requester = requester,
                Verdict = Verdict.Unspecified,
                ReceivedOn = last.AddDays(-random.Between(0, UndecidedAtMost)),
            }));
        }
        Settle(drafts, reference, towns, random);
        return drafts;
    }

    private static Draft Decided(Requester requester, Verdict verdict, Quarter quarter, bool carried, SplitMix random)
    {
        while (true)
        {
            // Nothing is received on New Year's Day of the years in which a group may ask for the first time.
            var received = carried
                ? quarter.First.AddDays(-random.Between(1, CarriedAtMost))
                : quarter.First.AddDays(random.Between(1, quarter.First.DaysUntil(quarter.Last) - Fastest - 2));
            var earliest = Math.Max(Fastest, received.DaysUntil(quarter.First));
            var latest = Math.Min(Slowest, received.DaysUntil(quarter.Last));
            if (latest < earliest) continue;
            var usual = random.Chance(85, 100) ? Math.Max(earliest, Math.Min(latest, Usual)) : earliest;
            var issued = received.AddDays(random.Between(usual, latest)).WeekdayFrom();
            if (issued > received.AddDays(latest)) issued = issued.AddDays(-1).WeekdayUpTo();
            if (issued < received.AddDays(earliest)) continue;
            return new Draft { Requester = requester, Verdict = verdict, ReceivedOn = received, IssuedOn = issued };
        }
    }

    private static void Settle(List<Draft> drafts, ReferenceData reference, IReadOnlyList<Town> towns, SplitMix random)
    {
        foreach (var city in reference.Cities)
        {
            var town = towns.Single(t => t.Code == city.Municipality);
            foreach (var (verdict, count) in new[] { (Verdict.Positive, city.Positive), (Verdict.Negative, city.Negative) })
            {
                var free = drafts.Where(d => d.Town is null && d.Requester == Requester.Municipality && d.Verdict == verdict);
                foreach (var draft in random.Sample(free, count)) draft.Town = town;
            }
        }

        var cities = reference.Cities.Select(c => c.Municipality).ToHashSet();
        var others = towns.Where(t => !cities.Contains(t.Code)).ToList();
        var absent = random.Sample(others, NotTakingPart).ToHashSet();
        var asking = new Weighted(others, t => t.Number2017 * t.Activity);
        var askingEarly = new Weighted(others.Where(t => !absent.Contains(t)), t => t.Number2017 * t.Activity);
        var living = new Weighted(towns, t => t.Number2017 * Math.Max(t.Activity, ActivityOfCitizens));
        foreach (var draft in drafts.Where(d => d.Town is null))
        {
            draft.Town = (draft.Requester == Requester.Citizen ? living : draft.ReceivedOn.Year < 2017 ? askingEarly : asking).Draw(random);
        }

        // One citizen with a positive advice lives where the number is 0.
        drafts.First(d => d.Requester == Requester.Citizen && d.Verdict == Verdict.Positive && d.IssuedOn!.Value.Year == 2017
            && !cities.Contains(d.Town.Code)).Town = towns.Single(t => t.Code == Alternatives.NumberZero);
    }

    /// <summary>Draws towns in proportion to a whole-number weight.</summary>
    private sealed class Weighted
    {
        private readonly List<(Town Town, int UpTo)> towns = [];

        public Weighted(IEnumerable<Town> all, Func<Town, int> weight)
        {
            var sum = 0;
            foreach (var town in all.Where(t => weight(t) > 0)) towns.Add((town, sum += weight(town)));
        }

        public Town Draw(SplitMix random)
        {
            var at = random.Below(towns[^1].UpTo);
            var (low, high) = (0, towns.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (towns[middle].UpTo > at) high = middle;
                else low = middle + 1;
            }
            return towns[low].Town;
        }
    }
}
