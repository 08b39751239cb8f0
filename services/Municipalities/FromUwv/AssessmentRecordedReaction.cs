using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>UWV assessed; what it found stays there. Only that it did stands on the timeline.</summary>
static class AssessmentRecordedReaction
{
    public static void Apply(AssessmentRecorded recorded, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        var id = Ids.Parse(recorded.AdviceRequestId);
        if (session.CaseIdOf(id) is { } caseId) session.Remember(caseId, received.Position);
        else if (recorded.Requester == Requester.Citizen) session.Remember(id, received.Position);
    }
}
