using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>What the rules look at when a request comes in; all dates are days in Europe/Amsterdam.</summary>
internal sealed record RequestFacts
{
    public required DateOnly ReceivedOn { get; init; }
    public required Requester Requester { get; init; }
    public AdviceKind Kind { get; init; } = AdviceKind.First;
    public OldWswAdvice OldWswAdvice { get; init; }
    public bool NewFactsSinceWswIndication { get; init; }
    public bool NewFactsSinceEarlierAdvice { get; init; }

    /// <summary>Day of the latest advice for this person, in any municipality, on or before the request.</summary>
    public DateOnly? EarlierAdviceOn { get; init; }
}

/// <summary>What the rules say before any investigation; verdict and ground only with <see cref="Outcome.Advice"/>.</summary>
internal sealed record Prejudgement(Outcome Outcome, Verdict Verdict = Verdict.Unspecified, Ground Ground = Ground.Unspecified);

/// <summary>
/// The rules of advice on sheltered work, for requests received from a day on: Participatiewet 10b lid 2 and 3 and
/// Besluit advisering beschut werk art. 2 and 3. Wage value is no part of them.
/// </summary>
internal sealed record AdvicePolicy
{
    private const int MonthsBoundByEarlierAdvice = 12;
    private const int DaysToAdvise = 8 * 7;

    public required DateOnly InForceFrom { get; init; }

    /// <summary>Participatiewet 10b lid 3: a person may ask UWV without their municipality.</summary>
    public required bool CitizensMayAsk { get; init; }

    /// <summary>Oldest first. A change of the law is a new version here, never an edit of one that was in force.</summary>
    public static IReadOnlyList<AdvicePolicy> Versions { get; } =
    [
        new() { InForceFrom = new(2015, 1, 1), CitizensMayAsk = false },
        new() { InForceFrom = new(2017, 1, 1), CitizensMayAsk = true },
    ];

    /// <summary>The version for a request received on a day; null before there was sheltered work.</summary>
    public static AdvicePolicy? On(DateOnly receivedOn) => Versions.LastOrDefault(version => version.InForceFrom <= receivedOn);

    /// <summary>The last day for the advice: eight weeks after receipt (Besluit art. 2 lid 1).</summary>
    // Eight plain weeks: whether the Algemene termijnenwet moves a last day in a weekend to the next working day is a
    // question of the decree's enforcement, and the queue is by due date, where the earlier day is the careful one.
    public DateOnly DueOn(DateOnly receivedOn) => receivedOn.AddDays(DaysToAdvise);

    /// <summary>The two rules that stand beside each other (art. 3 lid 3 and 4) and what they say together.</summary>
    public Prejudgement Prejudge(RequestFacts facts) => (WswRule(facts), RepeatRule(facts)) switch
    {
        (null, null) => new(Outcome.Investigate),
        ({ } wsw, null) => Decided(wsw),
        (null, { } repeat) => Decided(repeat),
        ({ } wsw, { } repeat) when VerdictOf(wsw) == VerdictOf(repeat) => Decided(wsw),
        // The decree gives no order between lid 3b and lid 4.
        _ => new(Outcome.LegalConflict),
    };

    /// <summary>Art. 3 lid 3a and 4, unless new facts since the Wsw indication (lid 5).</summary>
    public Ground? WswRule(RequestFacts facts) => facts.NewFactsSinceWswIndication ? null : facts.OldWswAdvice switch
    {
        OldWswAdvice.Able => Ground.WswAble,
        OldWswAdvice.NotAble => Ground.WswNotAble,
        _ => null,
    };

    /// <summary>Art. 3 lid 3b, unless new facts since the earlier advice (lid 6). Binds the person's own request only.</summary>
    public Ground? RepeatRule(RequestFacts facts) =>
        IsOwnRepeat(facts) && !HasNewFactsSinceEarlierAdvice(facts) ? Ground.RepeatWithinTwelveMonths : null;

    /// <summary>An own request with an earlier advice in the twelve months that precede it.</summary>
    // Counted back from the request, as the decree does: the day exactly twelve months before it is the first of those
    // twelve months, and where that month has no such day (29 February) its last day.
    public bool IsOwnRepeat(RequestFacts facts) =>
        facts.Requester == Requester.Citizen
        && facts.EarlierAdviceOn is { } earlier
        && earlier <= facts.ReceivedOn
        && earlier >= facts.ReceivedOn.AddMonths(-MonthsBoundByEarlierAdvice);

    /// <summary>Art. 3 lid 6; having left sheltered work for other work that did not last is such a fact.</summary>
    public bool HasNewFactsSinceEarlierAdvice(RequestFacts facts) =>
        facts.NewFactsSinceEarlierAdvice || facts.Kind == AdviceKind.Fallback;

    /// <summary>Capacity for work: all four criteria.</summary>
    public bool HasWorkCapacity(WorkCapacity capacity) =>
        capacity.CanPerformTask.Answer && capacity.HasBasicSkills.Answer && capacity.CanWorkOneHour.Answer && capacity.LoadableFourHours.Answer;

    /// <summary>The only ground that an assessment allows: positive exactly when there is work capacity and adaptation or
    /// guidance beyond a regular employer (art. 3 lid 1 and 2).</summary>
    public Ground Derive(Assessment assessment) =>
        (HasWorkCapacity(assessment.WorkCapacity), assessment.Adaptation.Answer, assessment.Guidance.Answer) switch
        {
            (false, _, _) => Ground.NoWorkCapacity,
            (true, true, true) => Ground.Both,
            (true, true, false) => Ground.Adaptation,
            (true, false, true) => Ground.Guidance,
            (true, false, false) => Ground.RegularEmployerPossible,
        };

    /// <summary>The verdict that belongs to a ground.</summary>
    public static Verdict VerdictOf(Ground ground) => ground switch
    {
        Ground.Adaptation or Ground.Guidance or Ground.Both or Ground.WswNotAble => Verdict.Positive,
        Ground.NoWorkCapacity or Ground.RegularEmployerPossible or Ground.WswAble or Ground.RepeatWithinTwelveMonths => Verdict.Negative,
        _ => Verdict.Unspecified,
    };

    private static Prejudgement Decided(Ground ground) => new(Outcome.Advice, VerdictOf(ground), ground);
}
