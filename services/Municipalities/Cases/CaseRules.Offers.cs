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
    /// <summary>
    /// Offering a place: owed up to the number, above it only from the council's own budget (10b lid 1 and 6). To somebody who
    /// works until a known day a next place may be offered from the day after.
    /// </summary>
    /// <param name="view">The case on the day of the offer.</param>
    /// <param name="terms">The place.</param>
    /// <param name="numberReached">Whether the number of the planned start's year is reached by what is at work and reserved.</param>
    public static Ruling<PlaceOffered> Offer(CaseView view, PlaceTerms terms, bool numberReached)
    {
        var refusal = OfferForbidden(view, terms.PlannedStart)
            ?? Before(terms.PlannedStart, "planned_start", terms.OfferedOn, "the offer")
            ?? (numberReached && terms.BudgetDecision.Length == 0
                ? Refusal.Of(ErrorReason.NumberReached, "The number is reached: a place above it needs a budget decision.")
                : null);
        if (refusal is not null) return refusal;

        return new PlaceOffered
        {
            CaseId = view.Identity.CaseId.Text(),
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
    public static Ruling<AlternativeOffered> OfferAlternative(CaseView view, AlternativeKind kind, DateOnly offeredOn, bool numberReached)
    {
        var refusal = OfferForbidden(view, plannedStart: null)
            ?? (numberReached ? null : Refusal.Of(ErrorReason.NumberNotReached, "The number is not reached: a place is owed, not an alternative."));
        if (refusal is not null) return refusal;
        return new AlternativeOffered { CaseId = view.Identity.CaseId.Text(), Kind = kind, OfferedOn = offeredOn.ToDate() };
    }

    /// <summary>Withdrawing an offer that nobody works on yet.</summary>
    public static Ruling<OfferWithdrawn> Withdraw(CaseView view, Guid offerId, DateOnly withdrawnOn)
    {
        if (view.Offer(offerId) is not { } offer) return NotMadeYet("withdrawn_on");
        if (!offer.Stands) return Forbids(offer, "withdrawal");
        return new OfferWithdrawn { CaseId = view.Identity.CaseId.Text(), OfferId = offerId.Text(), WithdrawnOn = withdrawnOn.ToDate() };
    }

    /// <summary>The candidate's answer, once per offer.</summary>
    /// <param name="view">The case on the day of the answer.</param>
    /// <param name="offerId">The offer.</param>
    /// <param name="accepted">Whether the candidate accepts.</param>
    /// <param name="fitting">When the candidate declines: whether the offer was fitting; that meets the duty.</param>
    /// <param name="answeredOn">Day of the answer.</param>
    public static Ruling<OfferAnswered> Answer(CaseView view, Guid offerId, bool accepted, bool fitting, DateOnly answeredOn)
    {
        if (view.Offer(offerId) is not { } offer) return NotMadeYet("answered_on");
        if (offer.State != OfferState.Open) return Forbids(offer, "an answer");
        return new OfferAnswered
        {
            CaseId = view.Identity.CaseId.Text(),
            OfferId = offerId.Text(),
            Accepted = accepted,
            AnsweredOn = answeredOn.ToDate(),
            Fitting = !accepted && fitting,
        };
    }

    /// <summary>Whether somebody who does not work may be offered something.</summary>
    public static bool MayBeOffered(CaseState state) => state is CaseState.DeterminedPositive or CaseState.OfferDeclined or CaseState.AlternativeOffered;

    /// <summary>Whether a place may be offered that begins after the work of now: it ends on a known day and the determination stands then.</summary>
    public static bool MayFollow(CaseView view, DateOnly plannedStart) =>
        view.WorksUntil is { } until && until < plannedStart && MayBeOffered(view.AfterWork) && view.StandingOffer is null;

    private static Refusal? OfferForbidden(CaseView view, DateOnly? plannedStart) => view.State switch
    {
        _ when MayBeOffered(view.State) && view.StandingOffer is null => null,
        CaseState.Placed when plannedStart is { } start && MayFollow(view, start) => null,
        CaseState.Placed when view is { WorksUntil: { } until, StandingOffer: null } && until < DateOnly.MaxValue && MayBeOffered(view.AfterWork) => Refusal.Of(
            ErrorReason.OfferStands, $"The candidate works until {until:yyyy-MM-dd}: a next place may begin the day after."),
        _ when view.StandingOffer is not null || view.State is CaseState.OfferOpen or CaseState.OfferAccepted or CaseState.Placed =>
            Refusal.Of(ErrorReason.OfferStands, "The case has an open or accepted offer, or works on one."),
        _ => Refusal.Of(ErrorReason.NoPositiveDetermination, "The college has no positive determination in force for this case."),
    };

    private static Refusal NotMadeYet(string field) => Refusal.Of(ErrorReason.DateBeforeItsBasis, $"{field} lies before the offer.");

    private static Refusal Forbids(OfferView offer, string act) =>
        Refusal.Of(ErrorReason.StateForbids, $"An offer that is {offer.State} does not allow {act}.");
}
