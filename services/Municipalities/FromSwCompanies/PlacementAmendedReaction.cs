using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>Hours or last day of a placement changed from a day on.</summary>
static class PlacementAmendedReaction
{
    public static void Apply(PlacementAmended amended, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Store.FindCase(Ids.Parse(amended.CaseId));
        if (supportCase is not null) session.Remember(supportCase.CaseId, received.Position);

        var known = supportCase is not null && session.Standings(supportCase.CaseId).WorksOn(
            Ids.Parse(amended.PlacementId), amended.MinutesPerWeek, amended.FromOn.ToDateOnly(), amended.LastDay.ToDateOnlyOrNull());
        if (known) return;
        if (supportCase is null) session.RaiseDiscrepancy(DiscrepancyKind.EndedWithoutPlacement, amended.PlacementId);
        else session.RaiseDiscrepancy(supportCase, DiscrepancyKind.EndedWithoutPlacement, amended.PlacementId);
    }
}
