using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.FromSwCompanies;

/// <summary>Placements as reported, and every change after that.</summary>
internal static class PlacementReactions
{
    public static void Reported(PlacementsReported e, ReceivedEvent received, WriteSession<InsightStore> session)
    {
        // In a municipality a placement's id is its reporter's key for good. It comes again only when SwCompanies was restored and did
        // not hold it any more: then what is reported now holds.
        var command = session.Command("""
            INSERT INTO placements (placement_id, municipality, case_id, start_on, last_day, minutes_per_week, form, sector, reported_at)
            VALUES ($id, $municipality, $case, $start, $last, $minutes, $form, $sector, $at)
            ON CONFLICT (municipality, placement_id) DO UPDATE SET case_id = excluded.case_id, start_on = excluded.start_on, last_day = excluded.last_day,
              minutes_per_week = excluded.minutes_per_week, form = excluded.form, sector = excluded.sector, reported_at = excluded.reported_at
            """).Set("$municipality", FactIds.Municipality(received)).Set("$at", FactIds.RecordedAt(received));
        foreach (var placement in e.Placements)
        {
            command.Set("$id", FactIds.Of(placement.PlacementId)).Set("$case", FactIds.Of(placement.CaseId))
                .Set("$start", StoreContext.Number(placement.StartOn.ToDateOnly())).Set("$last", Day(placement.LastDay.ToDateOnlyOrNull()))
                .Set("$minutes", placement.MinutesPerWeek).Set("$form", (int)placement.Form).Set("$sector", (int)placement.Sector)
                .ExecuteNonQuery();
        }
    }

    public static void Amended(PlacementAmended e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        Store(AsRow(e), received, session);

    public static void Ended(PlacementEnded e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        Store(AsRow(e), received, session);

    public static void EndCorrected(PlacementEndCorrected e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        Store(AsRow(e), received, session);

    /// <summary>The facts of an event; whose and when it was recorded stands on its envelope.</summary>
    internal static PlacementChangeRow AsRow(PlacementAmended e) => new()
    {
        PlacementId = Ids.Parse(e.PlacementId),
        Version = e.Version,
        FromOn = e.FromOn.ToDateOnly(),
        MinutesPerWeek = e.HoursKept ? null : e.MinutesPerWeek,
        LastDay = e.LastDay.ToDateOnlyOrNull(),
    };

    internal static PlacementChangeRow AsRow(PlacementEnded e) => AboutEnd(e.PlacementId, e.Version, e.LastDay, e.Reason);

    internal static PlacementChangeRow AsRow(PlacementEndCorrected e) => AboutEnd(e.PlacementId, e.Version, e.LastDay, e.Reason);

    private static PlacementChangeRow AboutEnd(string placementId, long version, Google.Type.Date? lastDay, EndReason reason) => new()
    {
        PlacementId = Ids.Parse(placementId),
        Version = version,
        AboutEnd = true,
        LastDay = lastDay.ToDateOnlyOrNull(),
        EndReason = reason,
    };

    private static void Store(PlacementChangeRow change, ReceivedEvent received, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO placement_changes (placement_id, version, municipality, from_on, minutes_per_week, last_day, about_end,
                                           end_reason, recorded_at)
            VALUES ($id, $version, $municipality, $from, $minutes, $last, $end, $reason, $at)
            ON CONFLICT (municipality, placement_id, version) DO UPDATE SET from_on = excluded.from_on, minutes_per_week = excluded.minutes_per_week,
              last_day = excluded.last_day, about_end = excluded.about_end, end_reason = excluded.end_reason,
              recorded_at = excluded.recorded_at
            """)
            .Set("$id", change.PlacementId.Bytes()).Set("$version", change.Version).Set("$municipality", FactIds.Municipality(received))
            .Set("$from", Day(change.FromOn)).Set("$minutes", change.MinutesPerWeek).Set("$last", Day(change.LastDay))
            .Set("$end", change.AboutEnd ? 1 : 0).Set("$reason", (int)change.EndReason).Set("$at", FactIds.RecordedAt(received))
            .ExecuteNonQuery();

    private static int? Day(DateOnly? day) => day is { } date ? StoreContext.Number(date) : null;
}
