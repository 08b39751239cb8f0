using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>A placement ends after a last day that is worked. Illness alone does not end one: there is no such reason.</summary>
internal static class EndPlacement
{
    public static EndPlacementResponse Run(EndPlacementRequest request, WriteSession<SwCompanyStore> session)
    {
        var dropout = request.Reason == EndReason.Dropout;
        var checks = new FieldChecks();
        checks.Require(!dropout || request.Cause != EndCause.Unspecified, "cause", "A dropout has a cause.");
        checks.Require(dropout || request.Cause == EndCause.Unspecified, "cause", "Only a dropout has a cause.");
        checks.ThrowIfAny();

        var placement = PlacementAccess.Find(session.Store, request.PlacementId, session.Caller);
        var versions = PlacementAccess.VersionsOf(session.Store, placement);
        var version = PlacementRules.End(placement, versions, request.LastDay.ToDateOnly()).OrThrow();

        PlacementAccess.Put(session.Store, placement, version);
        placement.EndReason = request.Reason;
        placement.EndCause = request.Cause;
        session.Raise(
            new PlacementEnded
            {
                PlacementId = placement.PlacementId.Text(),
                CaseId = placement.CaseId.Text(),
                OfferId = placement.OfferId.Text(),
                LastDay = request.LastDay,
                Reason = request.Reason,
                Cause = request.Cause,
                Version = version.Version,
            },
            placement.PlacementId.Text());
        return new EndPlacementResponse { Version = version.Version };
    }
}
