using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>All versions of one placement, and what follows from them.</summary>
public sealed class PlacementHistory
{
    /// <param name="versions">In the order of telling; the first is the report.</param>
    public PlacementHistory(IReadOnlyList<PlacementVersion> versions)
    {
        Versions = versions;
        var report = versions[0];
        Record = PlacementRecord.Of(report.FromOn!.Value, report.LastDay!.Value, report.MinutesPerWeek!.Value, Changes());
    }

    /// <summary>In the order of telling; the first is the report.</summary>
    public IReadOnlyList<PlacementVersion> Versions { get; }

    /// <summary>Which hours hold on which day, and when it ends.</summary>
    public PlacementRecord Record { get; }

    /// <summary>Number of the latest version.</summary>
    public long Version => Versions[^1].Version;

    /// <summary>A placement of which nothing but the report was told.</summary>
    public static PlacementHistory Of(Placement reported) => new([new PlacementVersion
    {
        PlacementId = reported.PlacementId,
        Version = 1,
        FromOn = reported.StartOn,
        MinutesPerWeek = reported.MinutesPerWeek,
        LastDay = reported.LastDay,
    }]);

    /// <summary>The same with one more version.</summary>
    public PlacementHistory With(PlacementVersion version) => new([.. Versions, version]);

    /// <summary>
    /// The last day agreed, as known with a version. A last day holds from its own day until another was agreed, whichever
    /// was told first; of two agreed on one day the later version holds.
    /// </summary>
    public DateOnly AgreedLastDay(long version)
    {
        var holds = Versions[0];
        foreach (var told in Versions)
        {
            if (told.Version <= version && told.LastDay is not null && told.FromOn >= holds.FromOn) holds = told;
        }

        return holds.LastDay!.Value;
    }

    private IEnumerable<PlacementChange> Changes() => Versions.Skip(1).Select(told => told switch
    {
        { EndReason: EndReason.Unspecified } => PlacementChange.Ended(told.Version, null),
        { EndReason: { } reason } =>
            PlacementChange.Ended(told.Version, new PlacementEnd(told.EndLastDay!.Value, reason, told.EndCause!.Value)),
        { MinutesPerWeek: { } minutes } => PlacementChange.Amended(told.Version, told.FromOn!.Value, minutes, AgreedLastDay(told.Version)),
        _ => PlacementChange.Moved(told.Version, AgreedLastDay(told.Version)),
    });
}
