using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// What the college may do with a case (Participatiewet 10b; old 10b before 2017): the case and the act with its dates in,
/// an event or a named refusal out.
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
    public static Refusal? RequestAdvice(SupportCase supportCase, DateOnly receivedOn)
    {
        if (supportCase.State == CaseState.Requested)
        {
            return Refusal.Of(ErrorReason.RequestAlreadyRunning, "UWV has not answered the request of this case yet.");
        }

        if (!MayBeginRound(supportCase)) return Forbids(supportCase, "a request for advice");

        return Before(receivedOn, "received_on", supportCase.OpenedOn, "the case was opened")
            ?? Before(receivedOn, "received_on", supportCase.DeterminedOn, "the earlier decision")
            ?? Before(receivedOn, "received_on", supportCase.LeftOn, "the candidate left")
            ?? OutsideCircle(supportCase, receivedOn);
    }

    /// <summary>Whether a new request begins a new round; otherwise an earlier advice or decision stands.</summary>
    public static bool MayBeginRound(SupportCase supportCase) => supportCase.State is CaseState.Identified or CaseState.AdviceWithdrawn
        or CaseState.AdvisedNegative or CaseState.DeterminedNegative or CaseState.Exited or CaseState.DroppedOut;

    /// <summary>The college's decision on the advice, or its revision (10b lid 1). It deviates only from a careless advice (Awb 3:9).</summary>
    /// <param name="supportCase">The case.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="determinedOn">Its day.</param>
    /// <param name="notifiedOn">Day of notification.</param>
    /// <param name="saysWhatWasCareless">Whether a reason is given why the advice was not made with care.</param>
    public static Ruling<CaseDetermined> Determine(
        SupportCase supportCase, Determination decision, DateOnly determinedOn, DateOnly notifiedOn, bool saysWhatWasCareless)
    {
        if (LacksAdvice(supportCase)) return Refusal.Of(ErrorReason.AdviceMissing, "UWV has not advised on this case.");

        var decided = supportCase.State is CaseState.DeterminedPositive or CaseState.DeterminedNegative
            or CaseState.OfferDeclined or CaseState.AlternativeOffered;
        var undecided = supportCase.State is CaseState.AdvisedPositive or CaseState.AdvisedNegative;
        if (!(undecided || (decided && decision != supportCase.Determination))) return Forbids(supportCase, "this decision");

        var deviates = (decision == Determination.Positive) != (supportCase.Verdict == Verdict.Positive);
        var refusal = Before(determinedOn, "determined_on", supportCase.AdvisedOn, "the advice")
            ?? Before(determinedOn, "determined_on", supportCase.DeterminedOn, "the earlier decision")
            ?? Before(determinedOn, "determined_on", supportCase.LeftOn, "the earlier placement ended")
            ?? Before(notifiedOn, "notified_on", determinedOn, "the decision")
            ?? (decision == Determination.Positive ? OutsideCircle(supportCase, determinedOn) : null)
            ?? (deviates && !saysWhatWasCareless
                ? Refusal.Of(ErrorReason.DeviationWithoutReason, "The decision deviates from the advice: say why the advice was not made with care.")
                : null);
        if (refusal is not null) return refusal;

        return new CaseDetermined
        {
            CaseId = supportCase.CaseId.Text(),
            AdviceRequestId = supportCase.AdviceRequestId!.Value.Text(),
            Determination = decision,
            DeterminedOn = determinedOn.ToDate(),
            NotifiedOn = notifiedOn.ToDate(),
            Deviates = deviates,
        };
    }

    /// <summary>A positive decision makes a place due (10b lid 1), from 2017 only until the number is reached (lid 6).</summary>
    /// <param name="determined">The decision.</param>
    /// <param name="numberReached">Whether a number holds on that day and is reached.</param>
    /// <returns>The duty; null when none arises.</returns>
    public static DutyToOfferArose? Duty(CaseDetermined determined, bool numberReached)
    {
        var day = determined.DeterminedOn.ToDateOnly();
        if (determined.Determination != Determination.Positive || (numberReached && day >= NumbersFrom)) return null;
        return new DutyToOfferArose { CaseId = determined.CaseId, AroseOn = determined.DeterminedOn };
    }

    /// <summary>Whether UWV's advice on this round is not known here.</summary>
    public static bool LacksAdvice(SupportCase supportCase) => supportCase.Verdict == Verdict.Unspecified;

    /// <summary>Leaving before a placement. Whoever works leaves by the company's report.</summary>
    /// <param name="supportCase">The case.</param>
    /// <param name="standing">Its open or accepted offer, if any.</param>
    /// <param name="reason">Why, as a category.</param>
    /// <param name="movedTo">Municipality moved to; empty for none.</param>
    /// <param name="day">Day of dropping out.</param>
    public static Ruling<CandidateDroppedOut> DropOut(
        SupportCase supportCase, PlaceOffer? standing, DropoutReason reason, string movedTo, DateOnly day)
    {
        if (supportCase.State is CaseState.Placed or CaseState.Exited or CaseState.DroppedOut)
        {
            return Forbids(supportCase, "a dropout before placement");
        }

        if (reason == DropoutReason.Moved && movedTo.Length == 0)
        {
            return Refusal.Of(ErrorReason.MovedToMissing, "A candidate who moved needs moved_to.");
        }

        var refusal = Before(day, "dropped_out_on", supportCase.OpenedOn, "the case was opened")
            ?? Before(day, "dropped_out_on", standing?.AnsweredOn ?? standing?.OfferedOn, "the offer that stands")
            ?? Before(day, "dropped_out_on", supportCase.LeftOn, "the earlier placement ended");
        if (refusal is not null) return refusal;

        return new CandidateDroppedOut
        {
            CaseId = supportCase.CaseId.Text(),
            Reason = reason,
            Phase = DropoutPhase.BeforePlacement,
            MovedTo = movedTo,
            DroppedOutOn = day.ToDate(),
        };
    }

    /// <summary>Old 10b lid 1: before 2017 nobody with a benefit of UWV.</summary>
    private static Refusal? OutsideCircle(SupportCase supportCase, DateOnly day) =>
        day < NumbersFrom && supportCase.Benefit is Benefit.Wajong or Benefit.Wia or Benefit.Wao or Benefit.Waz
            or Benefit.Ww or Benefit.Iow or Benefit.Zw or Benefit.Wamil
            ? Refusal.Of(ErrorReason.OutsideCircle, "Before 2017-01-01 recipients of a UWV benefit were outside the circle.")
            : null;

    private static Refusal? Before(DateOnly day, string field, DateOnly? basis, string act) =>
        day < basis ? Refusal.Of(ErrorReason.DateBeforeItsBasis, $"{field} lies before {act}.") : null;

    private static Refusal Forbids(SupportCase supportCase, string act) =>
        Refusal.Of(ErrorReason.StateForbids, $"A case that is {supportCase.State} does not allow {act}.");
}
