using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>Cases in every state, reached the way cases get there: opened 1 March 2017, each step a few days later.</summary>
static class CaseIn
{
    public static readonly DateOnly Opened = new(2017, 3, 1);
    public static readonly DateOnly Advised = new(2017, 3, 10);
    public static readonly DateOnly Determined = new(2017, 3, 20);
    public static readonly DateOnly Offered = new(2017, 3, 25);
    public static readonly DateOnly Answered = new(2017, 3, 28);
    public static readonly DateOnly Left = new(2017, 6, 30);

    public static (SupportCase Case, PlaceOffer? Offer) State(CaseState state, Benefit benefit = Benefit.Participatiewet)
    {
        var found = new SupportCase
        {
            CaseId = Ids.New(), PersonId = Ids.New(), Source = CandidateSource.Bijstand, Benefit = benefit, OpenedOn = Opened,
        };
        PlaceOffer? offer = null;
        switch (state)
        {
            case CaseState.Identified:
                break;
            case CaseState.Requested:
                found.AdviceAsked(Ids.New());
                break;
            case CaseState.AdviceWithdrawn:
                found = State(CaseState.Requested, benefit).Case;
                found.Apply(new AdviceWithdrawn());
                break;
            case CaseState.AdvisedPositive or CaseState.AdvisedNegative:
                found = State(CaseState.Requested, benefit).Case;
                found.Apply(Advice(found, state == CaseState.AdvisedPositive ? Verdict.Positive : Verdict.Negative));
                break;
            case CaseState.DeterminedPositive or CaseState.DeterminedNegative:
                var positive = state == CaseState.DeterminedPositive;
                found = State(positive ? CaseState.AdvisedPositive : CaseState.AdvisedNegative, benefit).Case;
                found.Apply(CaseRules.Determine(found, positive ? Determination.Positive : Determination.Negative, Determined, Determined, false).OrThrow());
                break;
            case CaseState.OfferOpen:
                found = State(CaseState.DeterminedPositive, benefit).Case;
                offer = Offer(found);
                break;
            case CaseState.OfferAccepted or CaseState.OfferDeclined:
                (found, offer) = State(CaseState.OfferOpen, benefit);
                var answered = CaseRules.Answer(found, offer!, state == CaseState.OfferAccepted, fitting: true, Answered).OrThrow();
                offer!.Apply(answered);
                found.Apply(answered);
                break;
            case CaseState.AlternativeOffered:
                found = State(CaseState.DeterminedPositive, benefit).Case;
                found.Apply(CaseRules.OfferAlternative(found, AlternativeKind.Dagbesteding, Offered, numberReached: true).OrThrow());
                break;
            case CaseState.Placed:
                (found, offer) = State(CaseState.OfferAccepted, benefit);
                offer!.Realise();
                found.StartedWork();
                break;
            case CaseState.Exited:
                (found, offer) = State(CaseState.Placed, benefit);
                offer!.Lapse();
                found.LeftWork(Left, stillDetermined: false);
                break;
            case CaseState.DroppedOut:
                found.Apply(CaseRules.DropOut(found, null, DropoutReason.Illness, "", Offered).OrThrow());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(state), state, "No such state.");
        }

        Assert.Equal(state, found.State);
        return (found, offer);
    }

    public static AdviceIssued Advice(SupportCase of, Verdict verdict, Guid? request = null) => new()
    {
        AdviceRequestId = (request ?? of.AdviceRequestId ?? Ids.New()).Text(),
        Requester = Requester.Municipality,
        RequesterReference = of.CaseId.Text(),
        Verdict = verdict,
        IssuedOn = Advised.ToDate(),
    };

    public static PlaceTerms Terms(DateOnly? offered = null, DateOnly? start = null, string budget = "") =>
        new(Ids.New(), "wedeka", "", start ?? (offered ?? Offered).AddDays(10), 1500, offered ?? Offered, budget);

    public static PlaceOffer Offer(SupportCase to, DateOnly? offered = null)
    {
        var made = CaseRules.Offer(to, Terms(offered), numberReached: false).OrThrow();
        to.Apply(made);
        return PlaceOffer.From(made, "");
    }
}
