using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

public static partial class CaseRules
{
    /// <summary>
    /// Taking back an act that the municipality recorded wrongly. What UWV or a company told is theirs to correct, and what follows
    /// from facts follows anew.
    /// </summary>
    /// <param name="history">All facts of the case.</param>
    /// <param name="act">The fact that tells the act.</param>
    /// <param name="takenBackOn">Day on which it is taken back.</param>
    public static Ruling<ActTakenBack> TakeBack(CaseHistory history, CaseFact act, DateOnly takenBackOn)
    {
        if (OwnAct(act.Data) is not { } own || act.Day is not { } day)
        {
            return Refusal.Of(
                ErrorReason.ActNotTakenBack,
                "The event is no act that the municipality can take back. AmendPlacement and CorrectPlacementEnd correct a placement, "
                + "CorrectPerson who the case is about.");
        }

        if (history.IsTakenBack(act)) return Refusal.Of(ErrorReason.StateForbids, "The act was taken back before.");
        if (Before(takenBackOn, "taken_back_on", day, "the act") is { } refusal) return refusal;

        var takenBack = new ActTakenBack
        {
            CaseId = history.Identity.CaseId.Text(),
            EventId = act.EventId.Text(),
            Kind = own.Kind,
            ActOn = day.ToDate(),
            OfferId = own.OfferId,
            TakenBackOn = takenBackOn.ToDate(),
        };
        if (own.Kind == ActKind.Determination
            && history.Decisions.LastOrDefault(fact => fact.Day <= day && fact.EventId != act.EventId) is { Data: CaseDetermined other })
        {
            (takenBack.Determination, takenBack.DeterminedOn) = (other.Determination, other.DeterminedOn);
        }

        return takenBack;
    }

    private static (ActKind Kind, string OfferId)? OwnAct(IMessage fact) => fact switch
    {
        CaseDetermined => (ActKind.Determination, ""),
        PlaceOffered offered => (ActKind.Offer, offered.OfferId),
        OfferAnswered answered => (ActKind.Answer, answered.OfferId),
        OfferWithdrawn withdrawn => (ActKind.Withdrawal, withdrawn.OfferId),
        AlternativeOffered => (ActKind.Alternative, ""),
        CandidateDroppedOut { Phase: DropoutPhase.BeforePlacement } => (ActKind.Dropout, ""),
        _ => null,
    };
}
