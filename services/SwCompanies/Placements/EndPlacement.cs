using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>A placement ends after a last day that is worked. Illness alone does not end one: there is no such reason.</summary>
internal static class EndPlacement
{
    public static void CheckFields(EndPlacementRequest request, FieldChecks checks) => PlacementRules.CheckEnd(request.Reason, request.Cause, checks);

    public static EndPlacementResponse Run(EndPlacementRequest request, WriteSession<SwCompanyStore> session)
    {
        var placement = PlacementAccess.Find(session.Store, request.PlacementId, session.Caller);
        var history = PlacementAccess.HistoryOf(session.Store, placement);
        var end = new PlacementEnd(request.LastDay.ToDateOnly(), request.Reason, request.Cause);
        var ended = history.With(PlacementRules.End(history, end).OrThrow());

        PlacementAccess.Put(session.Store, placement, ended);
        session.Raise(AsEnded(placement, ended), placement.PlacementId.Text());
        return new EndPlacementResponse { Version = ended.Version };
    }

    /// <summary>The event of the latest version.</summary>
    public static PlacementEnded AsEnded(Placement placement, PlacementHistory ended)
    {
        var end = ended.Record.End!.Value;
        return new PlacementEnded
        {
            PlacementId = placement.PlacementId.Text(),
            CaseId = placement.CaseId.Text(),
            OfferId = placement.OfferId.Text(),
            LastDay = end.LastDay.ToDate(),
            Reason = end.Reason,
            Cause = end.Cause,
            Version = ended.Version,
        };
    }
}
