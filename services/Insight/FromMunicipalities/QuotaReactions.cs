using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.FromMunicipalities;

/// <summary>Municipalities and their numbers.</summary>
internal static class QuotaReactions
{
    public static void Registered(TenantRegistered e, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO municipalities (municipality, name, province, labour_market_region, labour_market_region_name)
            VALUES ($municipality, $name, $province, $region, $regionName)
            ON CONFLICT (municipality) DO UPDATE SET
              name = $name, province = $province, labour_market_region = $region, labour_market_region_name = $regionName
            """)
            .Set("$municipality", e.Municipality).Set("$name", e.Name).Set("$province", e.Province)
            .Set("$region", e.LabourMarketRegion).Set("$regionName", e.LabourMarketRegionName)
            .ExecuteNonQuery();

    /// <summary>Every event stays a row, so that what was known before stays readable; which of them holds is the rule's to say.</summary>
    public static void Published(QuotaPublished e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO quota_numbers (
              municipality, year, effective_from, regulation_id, recorded_at, published_on, number, counting_unit, origin, source)
            VALUES ($municipality, $year, $from, $regulation, $at, $published, $number, $unit, $origin, $source)
            ON CONFLICT (municipality, year, effective_from, regulation_id, recorded_at) DO UPDATE SET
              published_on = $published, number = $number, counting_unit = $unit, origin = $origin, source = $source
            """)
            .Set("$municipality", FactIds.Municipality(received)).Set("$year", e.Year).Set("$from", StoreContext.Number(e.EffectiveFrom.ToDateOnly()))
            .Set("$regulation", FactIds.OfOptional(e.RegulationId) ?? FactIds.None).Set("$at", FactIds.RecordedAt(received))
            .Set("$published", e.PublishedOn.ToDateOnlyOrNull() is { } day ? StoreContext.Number(day) : null)
            .Set("$number", e.Number).Set("$unit", (int)e.CountingUnit)
            .Set("$origin", (int)e.Origin).Set("$source", e.Source)
            .ExecuteNonQuery();
}
