using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>What is offered.</summary>
public readonly record struct PlaceTerms(
    Guid OfferId, string CompanyId, string Employer, DateOnly PlannedStart, int MinutesPerWeek, DateOnly OfferedOn, string BudgetDecision);

public static partial class CaseRules
{
    /// <summary>Offering a place: owed up to the number, above it only from the council's own budget (10b lid 1 and 6).</summary>
    /// <param name="supportCase">The case.</param>
    /// <param name="terms">The place.</param>
    /// <param name="numberReached">Whether the number of the planned start's year is reached by what is at work and reserved.</param>
    public static Ruling<PlaceOffered> Offer(SupportCase supportCase, PlaceTerms terms, bool numberReached)
    {
        var refusal = MayBeOffered(supportCase)
            ?? Before(terms.OfferedOn, "offered_on", supportCase.DeterminedOn, "the determination")
            ?? Before(terms.OfferedOn, "offered_on", supportCase.LeftOn, "the earlier placement ended")
            ?? Before(terms.PlannedStart, "planned_start", terms.OfferedOn, "the offer")
            ?? (numberReached && terms.BudgetDecision.Length == 0
                ? Refusal.Of(ErrorReason.NumberReached, "The number is reached: a place above it needs a budget decision.")
                : null);
        if (refusal is not null) return refusal;

        return new PlaceOffered
        {
            CaseId = supportCase.CaseId.Text(),
            OfferId = terms.OfferId.Text(),
            CompanyId = terms.CompanyId,
            Employer = terms.Employer,
            PlannedStart = terms.PlannedStart.ToDate(),
            MinutesPerWeek = terms.MinutesPerWeek,
            OfferedOn = terms.OfferedOn.ToDate(),
            AboveNumber = numberReached,
        };
    }

    /// <summary>The duty of who is determined when the number is reached, also when it is 0 (letter; 10b lid 6).</summary>
    public static Ruling<AlternativeOffered> OfferAlternative(
        SupportCase supportCase, AlternativeKind kind, DateOnly offeredOn, bool numberReached)
    {
        var refusal = MayBeOffered(supportCase)
            ?? Before(offeredOn, "offered_on", supportCase.DeterminedOn, "the determination")
            ?? (numberReached ? null : Refusal.Of(ErrorReason.NumberNotReached, "The number is not reached: a place is owed, not an alternative."));
        if (refusal is not null) return refusal;
        return new AlternativeOffered { CaseId = supportCase.CaseId.Text(), Kind = kind, OfferedOn = offeredOn.ToDate() };
    }

    /// <summary>Withdrawing an offer that nobody works on yet.</summary>
    public static Ruling<OfferWithdrawn> Withdraw(PlaceOffer offer, DateOnly withdrawnOn)
    {
        if (!offer.Stands) return Forbids(offer, "withdrawal");
        var refusal = Before(withdrawnOn, "withdrawn_on", offer.AnsweredOn ?? offer.OfferedOn, "the offer or its answer");
        if (refusal is not null) return refusal;
        return new OfferWithdrawn { CaseId = offer.CaseId.Text(), OfferId = offer.OfferId.Text(), WithdrawnOn = withdrawnOn.ToDate() };
    }

    /// <summary>The candidate's answer, once per offer.</summary>
    /// <param name="supportCase">The case.</param>
    /// <param name="offer">The offer.</param>
    /// <param name="accepted">Whether he accepts.</param>
    /// <param name="fitting">When he declines: whether the offer was fitting; that meets the duty.</param>
    /// <param name="answeredOn">Day of the answer.</param>
    public static Ruling<OfferAnswered> Answer(SupportCase supportCase, PlaceOffer offer, bool accepted, bool fitting, DateOnly answeredOn)
    {
        if (offer.State != OfferState.Open) return Forbids(offer, "an answer");
        if (supportCase.State != CaseState.OfferOpen) return Forbids(supportCase, "an answer to an offer");
        var refusal = Before(answeredOn, "answered_on", offer.OfferedOn, "the offer");
        if (refusal is not null) return refusal;
        return new OfferAnswered
        {
            CaseId = offer.CaseId.Text(),
            OfferId = offer.OfferId.Text(),
            Accepted = accepted,
            AnsweredOn = answeredOn.ToDate(),
            Fitting = !accepted && fitting,
        };
    }

    private static Refusal? MayBeOffered(SupportCase supportCase) => supportCase.State switch
    {
        CaseState.DeterminedPositive or CaseState.OfferDeclined or CaseState.AlternativeOffered => null,
        CaseState.OfferOpen or CaseState.OfferAccepted or CaseState.Placed =>
            Refusal.Of(ErrorReason.OfferStands, "The case has an open or accepted offer, or works on one."),
        _ => Refusal.Of(ErrorReason.NoPositiveDetermination, "The college has no positive determination in force for this case."),
    };

    private static Refusal Forbids(PlaceOffer offer, string act) =>
        Refusal.Of(ErrorReason.StateForbids, $"An offer that is {offer.State} does not allow {act}.");
}
