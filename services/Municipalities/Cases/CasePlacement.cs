using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>A placement of the case, by everything that was told of it.</summary>
/// <param name="OfferId">The offer that it says it works on; there may be none such.</param>
public sealed record CasePlacement(Guid PlacementId, Guid OfferId, PlacementRecord Record)
{
    /// <summary>The first day after it; null when no last day is known.</summary>
    public DateOnly? Stops => Record.LastDay == DateOnly.MaxValue ? null : Record.LastDay.AddDays(1);
}

/// <summary>Collects what events tell of the placements of one case.</summary>
internal sealed class CasePlacements(CaseIdentity identity)
{
    private readonly HashSet<string> _caseIds = [.. identity.Ids.Select(id => id.Text())];
    private readonly Dictionary<string, ReportedPlacement> _reports = [];
    private readonly Dictionary<string, List<PlacementChange>> _changes = [];

    /// <summary>Takes what a fact tells. A report that is told again replaces the one before: SwCompanies was restored meanwhile.</summary>
    public void Take(CaseFact fact)
    {
        switch (fact.Data)
        {
            case PlacementsReported reported:
                foreach (var placement in reported.Placements.Where(one => _caseIds.Contains(one.CaseId))) _reports[placement.PlacementId] = placement;
                break;
            case PlacementAmended amended:
                Change(amended.PlacementId, PlacementChange.Of(amended));
                break;
            case PlacementEnded ended:
                Change(ended.PlacementId, PlacementChange.Of(ended));
                break;
            case PlacementEndCorrected corrected:
                Change(corrected.PlacementId, PlacementChange.Of(corrected));
                break;
        }
    }

    /// <summary>The placements that are or were, by first day.</summary>
    public IReadOnlyList<CasePlacement> Valid() =>
    [
        .. _reports.Values
            .Select(report => new CasePlacement(Ids.Parse(report.PlacementId), Ids.Parse(report.OfferId), PlacementRecord.Of(
                report.StartOn.ToDateOnly(), PlacementChange.DayOrNone(report.LastDay), report.MinutesPerWeek,
                _changes.GetValueOrDefault(report.PlacementId) ?? [])))
            .Where(placement => !placement.Record.NeverWas)
            .OrderBy(placement => placement.Record.StartOn).ThenBy(placement => placement.PlacementId),
    ];

    /// <summary>Placements of which only a change or an end is known.</summary>
    public IEnumerable<string> Unreported() => _changes.Keys.Where(id => !_reports.ContainsKey(id));

    private void Change(string placementId, PlacementChange change)
    {
        if (!_changes.TryGetValue(placementId, out var changes)) _changes.Add(placementId, changes = []);
        // Told again after a restore, the later word holds.
        changes.RemoveAll(known => known.Version == change.Version);
        changes.Add(change);
    }
}
