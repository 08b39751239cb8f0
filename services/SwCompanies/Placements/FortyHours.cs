using BeschutWerk.Sector.Work;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>A person works at most forty hours a week, on every day.</summary>
internal static class FortyHours
{
    /// <summary>Refuses a change that adds hours on a day on which the person then works more than forty.</summary>
    public static void Require(Placement placement, PlacementRecord before, PlacementRecord after, PlacementTables tables)
    {
        var raised = PlacementRules.Raised(before, after);
        if (raised.Count == 0) return;
        var others = tables.Hours(placement.CaseId, raised[0].From, without: placement.PlacementId);
        foreach (var stretch in raised)
        {
            if (PlacementRules.WithinFortyHours(stretch, others) is { } refusal) throw refusal.ToException();
        }
    }
}
