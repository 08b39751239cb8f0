using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>A request was withdrawn before its advice: the round of its case ends.</summary>
static class AdviceWithdrawnReaction
{
    public static void Apply(AdviceWithdrawn withdrawn, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        // A citizen's request that he did not share has no case here, and never will.
        var id = Ids.Parse(withdrawn.AdviceRequestId);
        if (session.Store.FindCaseOfRequest(id) is not { } supportCase) return;
        session.Remember(supportCase.CaseId, received.Position);
        if (CaseRules.EndsRound(supportCase, withdrawn)) supportCase.Apply(withdrawn);
    }
}
