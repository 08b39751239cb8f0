using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>Hours or last day change from a day on; what was in force before stays on record.</summary>
internal static class AmendPlacement
{
    public static AmendPlacementResponse Run(AmendPlacementRequest request, WriteSession<SwCompanyStore> session)
    {
        var checks = new FieldChecks();
        checks.Require(request.MinutesPerWeek > 0 || request.LastDay is not null, "minutes_per_week", "Neither hours nor last day change.");
        checks.ThrowIfAny();

        var placement = PlacementAccess.Find(session.Store, request.PlacementId, session.Caller);
        var versions = PlacementAccess.VersionsOf(session.Store, placement);
        var version = PlacementRules.Amend(placement, versions, request).OrThrow();

        var hours = new PlacementTables(session).Hours(placement.CaseId, version.FromOn, without: placement.PlacementId);
        if (PlacementRules.WithinFortyHours(new Stretch(version.FromOn, version.LastDay, version.MinutesPerWeek), hours) is { } refusal)
        {
            throw refusal.ToException();
        }

        PlacementAccess.Put(session.Store, placement, version);
        session.Raise(
            new PlacementAmended
            {
                PlacementId = placement.PlacementId.Text(),
                CaseId = placement.CaseId.Text(),
                FromOn = version.FromOn.ToDate(),
                MinutesPerWeek = version.MinutesPerWeek,
                LastDay = PlacementAccess.EndOf(version),
                Version = version.Version,
            },
            placement.PlacementId.Text());
        return new AmendPlacementResponse { Version = version.Version };
    }
}
