using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>What does not change with the days of a case.</summary>
/// <param name="Ids">Ids under which its events know it, its own first.</param>
public sealed record CaseIdentity(IReadOnlyList<Guid> Ids, DateOnly OpenedOn, Benefit Benefit)
{
    /// <summary>The id of the case.</summary>
    public Guid CaseId => Ids[0];
}

/// <summary>What a case is on a day, as its facts up to that day say. Rules look at this and at nothing else.</summary>
public sealed record CaseView
{
    public required CaseIdentity Identity { get; init; }

    public required CaseState State { get; init; }

    /// <summary>The latest request at UWV; a new one begins a new round.</summary>
    public Guid? AdviceRequestId { get; init; }

    /// <summary>UWV's advice of this round.</summary>
    public Verdict Verdict { get; init; }

    public DateOnly? AdvisedOn { get; init; }

    /// <summary>An advice that came after a positive decision, until the college says what it makes of it; null for none.</summary>
    public AdviceIssued? LaterAdvice { get; init; }

    /// <summary>The college's decision of this round.</summary>
    public Determination Determination { get; init; }

    public DateOnly? DeterminedOn { get; init; }

    public DateOnly? NotifiedOn { get; init; }

    /// <summary>Position of the decision that holds; of one that was confirmed, that of the confirmation.</summary>
    public long? DecisionAt { get; init; }

    /// <summary>Only while the case is dropped out.</summary>
    public DateOnly? DroppedOutOn { get; init; }

    /// <summary>The offers so far, in the order in which they were made.</summary>
    public IReadOnlyList<OfferView> Offers { get; init; } = [];

    /// <summary>While at work: the last day that is known, <see cref="DateOnly.MaxValue"/> for none; else null.</summary>
    public DateOnly? WorksUntil { get; init; }

    /// <summary>While at work until a known day: what the case is the day after.</summary>
    public CaseState AfterWork { get; init; }

    /// <summary>Whether a place or, above the number, another offer is owed.</summary>
    public bool DutyOpen => State == CaseState.DeterminedPositive;

    /// <summary>The open or accepted offer that nobody works on yet; null when none stands.</summary>
    public OfferView? StandingOffer => Offers.LastOrDefault(offer => offer.Stands);

    /// <summary>An offer of this case; null when it has no such offer.</summary>
    public OfferView? Offer(Guid offerId) => Offers.FirstOrDefault(offer => offer.OfferId == offerId);
}

/// <summary>A place that was offered, and where the offer stands on a day.</summary>
/// <param name="FreedFrom">First day on which its place is free; null while it is held.</param>
/// <param name="AboveNumber">Whether it was made above the number.</param>
public sealed record OfferView(
    Guid OfferId, DateOnly OfferedOn, DateOnly PlannedStart, int MinutesPerWeek, bool AboveNumber,
    OfferState State, DateOnly? AnsweredOn, DateOnly? FreedFrom)
{
    /// <summary>Whether it holds a place that nobody works on yet.</summary>
    public bool Stands => State is OfferState.Open or OfferState.Accepted;
}
