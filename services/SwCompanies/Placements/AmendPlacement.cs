using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>Hours or last day change from a day on; what was told before stays on record.</summary>
internal static class AmendPlacement
{
    public static void CheckFields(AmendPlacementRequest request, FieldChecks checks)
    {
        checks.Require(request.MinutesPerWeek > 0 || request.LastDay is not null, "minutes_per_week", "Neither hours nor last day change.");
        PlacementRules.CheckAmended(request.FromOn.ToDayOrNull(), request.LastDay.ToDayOrNull(), checks);
    }

    public static AmendPlacementResponse Run(AmendPlacementRequest request, HoursElsewhere elsewhere, WriteSession<SwCompanyStore> session)
    {
        var placement = PlacementAccess.Find(session.Store, request.PlacementId, session.Caller);
        var history = PlacementAccess.HistoryOf(session.Store, placement);
        var amended = history.With(PlacementRules.Amend(history, placement.ContractType, request).OrThrow());
        FortyHours.Require(placement, history.Record, amended.Record, new PlacementTables(session, elsewhere));

        PlacementAccess.Put(session.Store, placement, amended);
        session.Raise(AsAmended(placement, amended), placement.PlacementId.Text());
        return new AmendPlacementResponse { Version = amended.Version };
    }

    /// <summary>The event of the latest version.</summary>
    public static PlacementAmended AsAmended(Placement placement, PlacementHistory amended)
    {
        var version = amended.Versions[^1];
        return new PlacementAmended
        {
            PlacementId = placement.PlacementId.Text(),
            CaseId = placement.CaseId.Text(),
            FromOn = version.FromOn!.Value.ToDate(),
            MinutesPerWeek = version.MinutesPerWeek ?? amended.Record.MinutesOn(version.FromOn.Value),
            LastDay = PlacementAccess.DayOrNone(amended.Record.AgreedLastDay),
            Version = version.Version,
            HoursKept = version.MinutesPerWeek is null,
        };
    }
}
