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
        var id = Ids.Parse(placementId);
        var placement = store.Placements.SingleOrDefault(placement => placement.PlacementId == id);
        return placement is not null && (caller.Is(OrganisationKind.Municipality) || placement.CompanyId == caller.OrganisationId)
            ? placement
            : throw Refusal.NotFound("placement").ToException();
    }

    /// <summary>All versions, oldest first; an unchanged placement is its own first.</summary>
    public static List<PlacementVersion> VersionsOf(SwCompanyStore store, Placement placement) => placement.Version == 1
        ? [First(placement)]
        : [.. store.PlacementVersions.Where(version => version.PlacementId == placement.PlacementId).OrderBy(version => version.Version)];

    /// <summary>Puts a new version in force, and keeps what was reported when it is the first change.</summary>
    public static void Put(SwCompanyStore store, Placement placement, PlacementVersion version)
    {
        if (placement.Version == 1) store.PlacementVersions.Add(First(placement));
        store.PlacementVersions.Add(version);
        placement.MinutesPerWeek = version.MinutesPerWeek;
        placement.LastDay = version.LastDay;
        placement.Version = version.Version;
    }

    /// <summary>As it stands in the contract.</summary>
    public static Contracts.SwCompanies.Placement ToMessage(Placement placement, IReadOnlyList<PlacementVersion> versions) => new()
    {
        PlacementId = placement.PlacementId.Text(),
        CompanyId = placement.CompanyId,
        Report = new PlacementReport
        {
            CaseId = placement.CaseId.Text(),
            OfferId = placement.OfferId.Text(),
            Employer = placement.Employer,
            Sector = placement.Sector,
            Workplace = placement.Workplace,
            StartOn = placement.StartOn.ToDate(),
            MinutesPerWeek = versions[0].MinutesPerWeek,
            ContractType = placement.ContractType,
            LastDay = EndOf(versions[0]),
            Terms = placement.Terms,
            Form = placement.Form,
        },
        Versions =
        {
            versions.Select(version => new Contracts.SwCompanies.PlacementVersion
            {
                FromOn = version.FromOn.ToDate(),
                MinutesPerWeek = version.MinutesPerWeek,
                LastDay = EndOf(version),
            }),
        },
        EndReason = placement.EndReason,
        EndCause = placement.EndCause,
        Version = placement.Version,
    };

    /// <summary>The last day as it stands in the contract; absent for none.</summary>
    public static Google.Type.Date? EndOf(PlacementVersion version) => version.LastDay == DateOnly.MaxValue ? null : version.LastDay.ToDate();

    private static PlacementVersion First(Placement placement) => new()
    {
        PlacementId = placement.PlacementId,
        Version = 1,
        FromOn = placement.StartOn,
        MinutesPerWeek = placement.MinutesPerWeek,
        LastDay = placement.LastDay,
    };
}
