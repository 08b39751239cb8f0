using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>Whose placement it is, and how it stands in the contract.</summary>
internal static class PlacementAccess
{
    /// <summary>The placement, as far as this caller may know of it: a company its own, a municipality those in its store.</summary>
    public static Placement Find(SwCompanyStore store, string placementId, Caller caller)
    {
        return Known(store, Ids.Parse(placementId), caller).SingleOrDefault() ?? throw Refusal.NotFound("placement").ToException();
    }

    /// <summary>
    /// The one placement, if any, that this caller knows by an id. Ids are each reporter's own: a company's may be the id of a
    /// placement of another, of which it hears nothing.
    /// </summary>
    public static IQueryable<Placement> Known(SwCompanyStore store, Guid id, Caller caller)
    {
        if (caller.Is(OrganisationKind.Municipality)) return store.Placements.Where(placement => placement.PlacementId == id);
        var company = caller.OrganisationId;
        return store.Placements.Where(placement => placement.CompanyId == company
            && (placement.ReportedAs == id || (placement.PlacementId == id && placement.ReportedAs == null)));
    }

    /// <summary>The id by which this caller knows it.</summary>
    public static Guid IdFor(Placement placement, Caller caller) =>
        caller.Is(OrganisationKind.Municipality) ? placement.PlacementId : placement.ReportedAs ?? placement.PlacementId;

    /// <summary>Everything that was told of it; an unchanged placement is its own report.</summary>
    public static PlacementHistory HistoryOf(SwCompanyStore store, Placement placement) => placement.Version == 1
        ? PlacementHistory.Of(placement)
        : new PlacementHistory([.. store.PlacementVersions
            .Where(version => version.PlacementId == placement.PlacementId).OrderBy(version => version.Version)]);

    /// <summary>Stores the latest version of what was told, and the report as well when that is the first change.</summary>
    public static void Put(SwCompanyStore store, Placement placement, PlacementHistory changed)
    {
        if (placement.Version == 1) store.PlacementVersions.Add(changed.Versions[0]);
        store.PlacementVersions.Add(changed.Versions[^1]);
        var record = changed.Record;
        placement.LastDay = record.LastDay;
        placement.EndReason = record.End?.Reason ?? EndReason.Unspecified;
        placement.EndCause = record.End?.Cause ?? EndCause.Unspecified;
        placement.Version = changed.Version;
    }

    /// <summary>As it stands in the contract.</summary>
    public static Contracts.SwCompanies.Placement ToMessage(Placement placement, PlacementHistory history, Caller caller) => new()
    {
        PlacementId = IdFor(placement, caller).Text(),
        CompanyId = placement.CompanyId,
        Report = new PlacementReport
        {
            CaseId = placement.CaseId.Text(),
            OfferId = placement.OfferId.Text(),
            Employer = placement.Employer,
            Sector = placement.Sector,
            Workplace = placement.Workplace,
            StartOn = placement.StartOn.ToDate(),
            MinutesPerWeek = placement.MinutesPerWeek,
            ContractType = placement.ContractType,
            LastDay = DayOrNone(history.Versions[0].LastDay),
            Terms = placement.Terms,
            Form = placement.Form,
        },
        Versions = { history.Versions.Select(version => ToMessage(version, history)) },
        EndReason = placement.EndReason,
        EndCause = placement.EndCause,
        Version = placement.Version,
        Hours =
        {
            history.Record.Stretches().Select(stretch => new PlacementHours
            {
                FromOn = stretch.From.ToDate(),
                LastDay = DayOrNone(stretch.LastDay),
                MinutesPerWeek = stretch.MinutesPerWeek,
            }),
        },
    };

    /// <summary>A last day as it stands in the contract; absent for none.</summary>
    public static Google.Type.Date? DayOrNone(DateOnly? lastDay) => lastDay == DateOnly.MaxValue ? null : lastDay.ToDate();

    private static Contracts.SwCompanies.PlacementVersion ToMessage(PlacementVersion version, PlacementHistory history) =>
        version.EndReason is { } reason
        ? new() { AboutEnd = true, EndReason = reason, EndCause = version.EndCause!.Value, LastDay = DayOrNone(version.EndLastDay) }
        : new()
        {
            FromOn = version.FromOn!.Value.ToDate(),
            MinutesPerWeek = version.MinutesPerWeek ?? history.Record.MinutesOn(version.FromOn.Value),
            LastDay = DayOrNone(history.AgreedLastDay(version.Version)),
            HoursKept = version.MinutesPerWeek is null,
        };
}
