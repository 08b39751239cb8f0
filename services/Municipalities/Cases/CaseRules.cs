using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// What the college may do with a case (Participatiewet 10b; old 10b before 2017): the case as it was on the day of the act and
/// the act in, an event or a named refusal out. That an act also fits what is known of later days is for <see cref="CaseRecord"/>.
/// </summary>
public static partial class CaseRules
{
    /// <summary>
    /// From this day recipients of a UWV benefit are in the circle, and places are owed up to a number (10b lid 1 and 6);
    /// before it determining was voluntary and the duty had no number (old 10b lid 1 and 3).
    /// </summary>
    public static readonly DateOnly NumbersFrom = new(2017, 1, 1);

    /// <summary>Asking UWV for advice (10b lid 2).</summary>
    /// <returns>Why not; null when it may.</returns>
    public static Refusal? RequestAdvice(CaseView view, DateOnly receivedOn)
    {
        if (view.State == CaseState.Requested)
        {
            return Refusal.Of(ErrorReason.RequestAlreadyRunning, "UWV has not answered the request of this case yet.");
        }

        if (!BeginsRound(view.State)) return Forbids(view, "a request for advice");
        return BeforeOpening(view, receivedOn, "received_on") ?? OutsideCircle(view, receivedOn);
    }

    /// <summary>Whether a new request begins a new round; otherwise an earlier advice or decision stands.</summary>
    public static bool BeginsRound(CaseState state) => state is CaseState.Identified or CaseState.AdviceWithdrawn
        or CaseState.AdvisedNegative or CaseState.DeterminedNegative or CaseState.Exited or CaseState.DroppedOut;

    /// <summary>Whether the college decided positively in this round, and the candidate has not left since.</summary>
    public static bool IsDecidedPositive(CaseState state) => state is CaseState.DeterminedPositive or CaseState.OfferOpen
        or CaseState.OfferAccepted or CaseState.OfferDeclined or CaseState.AlternativeOffered or CaseState.Placed;

    /// <summary>The college's decision on the advice, or its revision (10b lid 1). It deviates only from a careless advice (Awb 3:9).</summary>
    /// <param name="view">The case on the day of the decision.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="determinedOn">Its day.</param>
    /// <param name="notifiedOn">Day of notification.</param>
    /// <param name="saysWhatWasCareless">Whether a reason is given why the advice was not made with care.</param>
    public static Ruling<CaseDetermined> Determine(
        CaseView view, Determination decision, DateOnly determinedOn, DateOnly notifiedOn, bool saysWhatWasCareless)
    {
        if (view.Verdict == Verdict.Unspecified) return Refusal.Of(ErrorReason.AdviceMissing, "UWV has not advised on this case.");
        if (!Confirms(view.State, view.Determination, decision, view.LaterAdvice is not null) && !MayBeDetermined(view.State, view.Determination, decision))
        {
            return Forbids(view, "this decision");
        }

        var verdict = view.LaterAdvice?.Verdict ?? view.Verdict;
        var deviates = (decision == Determination.Positive) != (verdict == Verdict.Positive);
        var refusal = Before(notifiedOn, "notified_on", determinedOn, "the decision")
            ?? (decision == Determination.Positive ? OutsideCircle(view, determinedOn) : null)
            ?? (deviates && !saysWhatWasCareless
                ? Refusal.Of(ErrorReason.DeviationWithoutReason, "The decision deviates from the advice: say why the advice was not made with care.")
                : null);
        if (refusal is not null) return refusal;

        return new CaseDetermined
        {
            CaseId = view.Identity.CaseId.Text(),
            AdviceRequestId = view.LaterAdvice?.AdviceRequestId ?? view.AdviceRequestId!.Value.Text(),
            Determination = decision,
            DeterminedOn = determinedOn.ToDate(),
            NotifiedOn = notifiedOn.ToDate(),
            Deviates = deviates,
        };
    }

    /// <summary>Whether the college may decide so: on an advice, or another way than before while nothing was offered.</summary>
    public static bool MayBeDetermined(CaseState state, Determination before, Determination decision) => state switch
    {
        CaseState.AdvisedPositive or CaseState.AdvisedNegative => true,
        CaseState.DeterminedPositive or CaseState.DeterminedNegative or CaseState.OfferDeclined or CaseState.AlternativeOffered => decision != before,
        _ => false,
    };

    /// <summary>Whether the decision is the one that stands, taken again after another advice: whatever was offered since goes on.</summary>
    public static bool Confirms(CaseState state, Determination before, Determination decision, bool hasLaterAdvice) =>
        hasLaterAdvice && decision == before && IsDecidedPositive(state);

    /// <summary>Somebody determined positively is owed a place (10b lid 1), from 2017 only until the number is reached (lid 6).</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="from">First day on which a place would be owed.</param>
    /// <param name="numberReached">Whether a number holds on that day and is reached.</param>
    /// <returns>The duty; null when none arises.</returns>
    public static DutyToOfferArose? Duty(Guid caseId, DateOnly from, bool numberReached) =>
        numberReached && from >= NumbersFrom ? null : new DutyToOfferArose { CaseId = caseId.Text(), AroseOn = from.ToDate() };

    /// <summary>Leaving before a placement. Whoever works leaves by the company's report.</summary>
    /// <param name="view">The case on that day.</param>
    /// <param name="reason">Why, as a category.</param>
    /// <param name="movedTo">Municipality moved to; empty for none.</param>
    /// <param name="day">Day of dropping out.</param>
    public static Ruling<CandidateDroppedOut> DropOut(CaseView view, DropoutReason reason, string movedTo, DateOnly day)
    {
        if (view.State is CaseState.Placed or CaseState.Exited or CaseState.DroppedOut) return Forbids(view, "a dropout before placement");
        if (reason == DropoutReason.Moved && movedTo.Length == 0)
        {
            return Refusal.Of(ErrorReason.MovedToMissing, "A candidate who moved needs moved_to.");
        }

        if (BeforeOpening(view, day, "dropped_out_on") is { } refusal) return refusal;
        return new CandidateDroppedOut
        {
            CaseId = view.Identity.CaseId.Text(),
            Reason = reason,
            Phase = DropoutPhase.BeforePlacement,
            MovedTo = movedTo,
            DroppedOutOn = day.ToDate(),
        };
    }

    /// <summary>Old 10b lid 1: before 2017 nobody with a benefit of UWV.</summary>
    /// <summary>How UWV ends a request for a dropout before placement.</summary>
    public static AdviceEnding EndingFor(DropoutReason reason) => reason switch
    {
        DropoutReason.Deceased => AdviceEnding.Deceased,
        DropoutReason.Moved => AdviceEnding.Moved,
        _ => AdviceEnding.DroppedOut,
    };

    private static Refusal? OutsideCircle(CaseView view, DateOnly day) =>
        day < NumbersFrom && view.Identity.Benefit is Benefit.Wajong or Benefit.Wia or Benefit.Wao or Benefit.Waz
            or Benefit.Ww or Benefit.Iow or Benefit.Zw or Benefit.Wamil
            ? Refusal.Of(ErrorReason.OutsideCircle, "Before 2017-01-01 recipients of a UWV benefit were outside the circle.")
            : null;

    private static Refusal? BeforeOpening(CaseView view, DateOnly day, string field) => Before(day, field, view.Identity.OpenedOn, "the case was opened");

    private static Refusal? Before(DateOnly day, string field, DateOnly basis, string act) =>
        day < basis ? Refusal.Of(ErrorReason.DateBeforeItsBasis, $"{field} lies before {act}.") : null;

    private static Refusal Forbids(CaseView view, string act) =>
        Refusal.Of(ErrorReason.StateForbids, $"A case that is {view.State} does not allow {act}.");
}
