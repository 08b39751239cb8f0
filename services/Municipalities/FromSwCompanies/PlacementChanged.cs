using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>Hours, last day or end of a placement changed, or an end that was told was wrong: the case is computed again.</summary>
static class PlacementChanged
{
    public static void Amended(PlacementAmended amended, ReceivedEvent received, WriteSession<MunicipalityStore> session) =>
        Hear(amended.CaseId, amended.PlacementId, received, session);

    public static void Ended(PlacementEnded ended, ReceivedEvent received, WriteSession<MunicipalityStore> session) =>
        Hear(ended.CaseId, ended.PlacementId, received, session);

    public static void EndCorrected(PlacementEndCorrected corrected, ReceivedEvent received, WriteSession<MunicipalityStore> session) =>
        Hear(corrected.CaseId, corrected.PlacementId, received, session);

    private static void Hear(string caseId, string placementId, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (session.FindCase(Ids.Parse(caseId)) is { } supportCase) session.Hear(supportCase, received.Position);
        else session.RaiseDiscrepancy(DiscrepancyKind.EndedWithoutPlacement, placementId);
    }
}
