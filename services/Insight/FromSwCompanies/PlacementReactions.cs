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
        // A placement id is its reporter's key for good. It comes again only when SwCompanies was restored and did not hold it
        // any more: then what is reported now holds.
        var command = session.Command("""
            INSERT INTO placements (placement_id, municipality, case_id, start_on, last_day, minutes_per_week, form, sector, reported_at)
            VALUES ($id, $municipality, $case, $start, $last, $minutes, $form, $sector, $at)
            ON CONFLICT (placement_id) DO UPDATE SET start_on = excluded.start_on, last_day = excluded.last_day,
              minutes_per_week = excluded.minutes_per_week, form = excluded.form, sector = excluded.sector, reported_at = excluded.reported_at
            """).Set("$municipality", FactIds.Municipality(received)).Set("$at", FactIds.RecordedAt(received));
        foreach (var placement in e.Placements)
        {
            command.Set("$id", FactIds.Of(placement.PlacementId)).Set("$case", FactIds.Of(placement.CaseId))
                .Set("$start", StoreContext.Number(placement.StartOn.ToDateOnly())).Set("$last", Day(placement.LastDay))
                .Set("$minutes", placement.MinutesPerWeek).Set("$form", (int)placement.Form).Set("$sector", (int)placement.Sector)
                .ExecuteNonQuery();
        }
    }

    public static void Amended(PlacementAmended e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        Change(e.PlacementId, e.Version, StoreContext.Number(e.FromOn.ToDateOnly()), e.MinutesPerWeek, Day(e.LastDay), EndReason.Unspecified, received, session);

    public static void Ended(PlacementEnded e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        Change(e.PlacementId, e.Version, null, null, Day(e.LastDay), e.Reason, received, session);

    private static void Change(
        string placementId, long version, int? fromOn, int? minutes, int? lastDay, EndReason reason, ReceivedEvent received, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO placement_changes (placement_id, version, municipality, from_on, minutes_per_week, last_day, end_reason, recorded_at)
            VALUES ($id, $version, $municipality, $from, $minutes, $last, $reason, $at)
            ON CONFLICT (placement_id, version) DO UPDATE SET from_on = excluded.from_on, minutes_per_week = excluded.minutes_per_week,
              last_day = excluded.last_day, end_reason = excluded.end_reason, recorded_at = excluded.recorded_at
            """)
            .Set("$id", FactIds.Of(placementId)).Set("$version", version).Set("$municipality", FactIds.Municipality(received))
            .Set("$from", fromOn).Set("$minutes", minutes).Set("$last", lastDay).Set("$reason", (int)reason).Set("$at", FactIds.RecordedAt(received))
            .ExecuteNonQuery();

    private static int? Day(Google.Type.Date? date) => date is null ? null : StoreContext.Number(date.ToDateOnly());
}
