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
        // A citizen's own names no case.
        var supportCase = Guid.TryParse(withdrawn.RequesterReference, out var caseId)
            ? session.FindCase(caseId)
            : session.FindCaseOfCitizen(Ids.Parse(withdrawn.AdviceRequestId));
        if (supportCase is not null) session.Hear(supportCase, received.Position);
    }
}
