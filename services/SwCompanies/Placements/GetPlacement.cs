using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>One placement with its versions.</summary>
internal static class GetPlacement
{
    public static GetPlacementResponse Run(GetPlacementRequest request, ReadSession<SwCompanyStore> session)
    {
        var placement = PlacementAccess.Find(session.Store, request.PlacementId, session.Caller);
        var history = PlacementAccess.HistoryOf(session.Store, placement);
        return new GetPlacementResponse { Placement = PlacementAccess.ToMessage(placement, history, session.Caller) };
    }
}
