using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using Google.Protobuf;
using Google.Type;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// All facts of a case. What the case is on a day follows from them by their legal dates, and of two facts of one day by when
/// they were recorded; never from the order in which they arrived. A fact that is told late, corrected or taken back is one more
/// fact, and everything is computed again.
/// </summary>
public sealed class CaseHistory
{
    /// <summary>Forty hours a week.</summary>
    private const int MostMinutesPerWeek = 2400;

    private readonly IReadOnlyList<CaseFact> _facts;
    private readonly HashSet<Guid> _takenBack;
    private readonly HashSet<string> _takenBackOffers;
    private readonly IReadOnlyList<Step> _steps;
    private readonly IReadOnlyList<string> _unreported;
    private readonly Lazy<CaseCourse> _course;

    private CaseHistory(CaseIdentity identity, IReadOnlyList<CaseFact> facts)
    {
        (Identity, _facts) = (identity, facts);
        _takenBack = [.. Told<ActTakenBack>().Select(act => Ids.Parse(act.EventId))];
        _takenBackOffers = [.. Told<ActTakenBack>().Where(act => act.Kind == ActKind.Offer).Select(act => act.OfferId)];
        var placements = new CasePlacements(identity);
        foreach (var fact in facts) placements.Take(fact);
        Calendar = new WorkCalendar(placements.Valid());
        _unreported = [.. placements.Unreported()];
        _steps = Step.Of(_takenBack.Count == 0 ? facts : [.. facts.Where(fact => !IsTakenBack(fact))], Calendar.Placements);
        _course = new Lazy<CaseCourse>(() => Run(_ => true));
    }

    /// <summary>Whose history it is.</summary>
    public CaseIdentity Identity { get; }

    /// <summary>The facts, in the order in which they were recorded; also what was taken back.</summary>
    public IReadOnlyList<CaseFact> Facts => _facts;

    /// <summary>What was told of one kind, in the order in which it was recorded.</summary>
    public IEnumerable<T> Told<T>() where T : IMessage => _facts.Select(fact => fact.Data).OfType<T>();

    /// <summary>
    /// Whether the municipality took a fact back: it stays on the timeline, and nothing follows from it. With an offer go the
    /// answer to it and its withdrawal, which may be the only reason why other acts fit.
    /// </summary>
    public bool IsTakenBack(CaseFact fact) => _takenBack.Contains(fact.EventId) || fact.Data switch
    {
        OfferAnswered answered => _takenBackOffers.Contains(answered.OfferId),
        OfferWithdrawn withdrawn => _takenBackOffers.Contains(withdrawn.OfferId),
        _ => false,
    };

    /// <summary>The college's decisions that were not taken back, by their days.</summary>
    public IEnumerable<CaseFact> Decisions =>
        _facts.Where(fact => fact.Data is CaseDetermined && !IsTakenBack(fact)).OrderBy(fact => fact.Day).ThenBy(fact => fact.Position);

    /// <summary>The placements that are or were, by first day.</summary>
    public IReadOnlyList<CasePlacement> Placements => Calendar.Placements;

    /// <summary>The placements by day.</summary>
    public WorkCalendar Calendar { get; }

    /// <summary>The way of the case through all its days, also those to come as far as they are known.</summary>
    public CaseCourse Course => _course.Value;

    /// <summary>The history of these facts.</summary>
    public static CaseHistory Of(CaseIdentity identity, IEnumerable<CaseFact> facts) =>
        new(identity, [.. facts.OrderBy(fact => fact.Position)]);

    /// <summary>The same with one more fact, which is only considered.</summary>
    public CaseHistory With(IMessage fact) => new(Identity, [.. _facts, new CaseFact(fact, CaseFact.Considered)]);

    /// <summary>The same as it was before a fact was recorded.</summary>
    public CaseHistory Before(long position) => new(Identity, [.. _facts.Where(fact => fact.Position < position)]);

    /// <summary>What an act of that day finds: all of the days before, and of the day itself all but who starts to work on it.</summary>
    public CaseView On(DateOnly day) => Run(step => step.Day < day || (step.Day == day && step.Kind != StepKind.Start)).View(day);

    /// <summary>What the case is at the end of that day.</summary>
    public CaseView At(DateOnly day) => (Frontier <= day ? Course : Run(step => step.Day <= day)).View(day);

    /// <summary>The latest day on which a fact changes the case: whatever happens from then on happens after all of them.</summary>
    public DateOnly Frontier => _steps.Count > 0 && _steps[^1].Day > Identity.OpenedOn ? _steps[^1].Day : Identity.OpenedOn;

    /// <summary>The first day after a given one on which time alone may change the case, because a placement ends; null for none.</summary>
    public DateOnly? TurnsAfter(DateOnly day) => Placements.Select(placement => placement.Stops).Where(stops => stops > day).Min();

    /// <summary>The same within this municipality: two cases turned out to be of one person. Hours only rise where something begins.</summary>
    private IEnumerable<string> BeyondFortyHoursHere()
    {
        var hours = new PriorityQueue<int, DateOnly>();
        var minutes = 0;
        var begins = Placements.SelectMany(placement => placement.Record.Stretches(), (placement, stretch) => (placement.PlacementId, Stretch: stretch));
        foreach (var onDay in begins.GroupBy(one => one.Stretch.From).OrderBy(onDay => onDay.Key))
        {
            while (hours.TryPeek(out var ended, out var lastDay) && lastDay < onDay.Key)
            {
                minutes -= ended;
                hours.Dequeue();
            }

            foreach (var (_, stretch) in onDay)
            {
                minutes += stretch.MinutesPerWeek;
                hours.Enqueue(stretch.MinutesPerWeek, stretch.LastDay);
            }

            if (minutes <= MostMinutesPerWeek) continue;
            foreach (var (placementId, _) in onDay) yield return placementId.Text();
        }
    }

    private CaseCourse Run(Func<Step, bool> until)
    {
        var course = new CaseCourse(Identity, Calendar);
        foreach (var step in _steps.TakeWhile(until)) course.Take(step);
        course.Contradict(_unreported.Select(id => new Contradiction(DiscrepancyKind.EndedWithoutPlacement, id)));
        course.Contradict(BeyondFortyHours().Select(id => new Contradiction(DiscrepancyKind.HoursExceedForty, id)));
        return course;
    }

    /// <summary>Placements with which the person works more than forty hours a week; of what was told of one excess the last word holds.</summary>
    private IEnumerable<string> BeyondFortyHours()
    {
        var excesses = new Dictionary<(string PlacementId, Date FromOn, int MinutesPerWeek), bool>();
        foreach (var fact in _facts)
        {
            if (fact.Data is HoursExceeded told) excesses[(told.PlacementId, told.FromOn, told.MinutesPerWeek)] = true;
            if (fact.Data is HoursExcessEnded ended) excesses[(ended.PlacementId, ended.FromOn, ended.MinutesPerWeek)] = false;
        }

        return excesses.Where(excess => excess.Value).Select(excess => excess.Key.PlacementId).Concat(BeyondFortyHoursHere()).Distinct();
    }
}
