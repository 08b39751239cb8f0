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
        if ((session.CaseIdOf(id) ?? session.FindCaseOfCitizen(id)?.CaseId) is { } caseId) session.Remember(caseId, received.Position);
    }
}
