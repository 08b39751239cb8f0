using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>The end that was told was wrong: it ended in another way, or never did. What was told stays on record.</summary>
internal static class CorrectPlacementEnd
{
    public static void CheckFields(CorrectPlacementEndRequest request, FieldChecks checks)
    {
        if (request.NeverEnded)
        {
            checks.Require(request.LastDay is null, "last_day", "A placement that never ended has none here.");
            checks.Require(request.Reason == EndReason.Unspecified, "reason", "A placement that never ended has none.");
            checks.Require(request.Cause == EndCause.Unspecified, "cause", "A placement that never ended has none.");
        }
        else
        {
            checks.Require(request.LastDay is not null, "last_day", "Must be given, unless it never ended.");
            checks.Require(request.Reason != EndReason.Unspecified, "reason", "Must be given, unless it never ended.");
            PlacementRules.CheckEnd(request.Reason, request.Cause, checks);
        }
    }

    public static CorrectPlacementEndResponse Run(CorrectPlacementEndRequest request, HoursElsewhere elsewhere, WriteSession<SwCompanyStore> session)
    {
        var placement = PlacementAccess.Find(session.Store, request.PlacementId, session.Caller);
        var history = PlacementAccess.HistoryOf(session.Store, placement);
        PlacementEnd? end = request.NeverEnded ? null : new PlacementEnd(request.LastDay.ToDateOnly(), request.Reason, request.Cause);
        var corrected = history.With(PlacementRules.CorrectEnd(history, end, request.ExpectedVersion).OrThrow());
        FortyHours.Require(placement, history.Record, corrected.Record, new PlacementTables(session, elsewhere));

        PlacementAccess.Put(session.Store, placement, corrected);
        session.Raise(AsCorrected(placement, corrected), placement.PlacementId.Text());
        return new CorrectPlacementEndResponse { Version = corrected.Version };
    }

    /// <summary>The event of the latest version.</summary>
    public static PlacementEndCorrected AsCorrected(Placement placement, PlacementHistory corrected)
    {
        var end = corrected.Record.End;
        return new PlacementEndCorrected
        {
            PlacementId = placement.PlacementId.Text(),
            CaseId = placement.CaseId.Text(),
            OfferId = placement.OfferId.Text(),
            LastDay = end?.LastDay.ToDate(),
            Reason = end?.Reason ?? EndReason.Unspecified,
            Cause = end?.Cause ?? EndCause.Unspecified,
            Version = corrected.Version,
        };
    }
}
