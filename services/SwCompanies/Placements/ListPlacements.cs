using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>Placements by id: a company its own, a municipality all of its people.</summary>
internal static class ListPlacements
{
    public static ListPlacementsResponse Run(ListPlacementsRequest request, ReadSession<SwCompanyStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var after = page.After(Guid.Empty).Bytes();
        var company = session.Caller.Is(OrganisationKind.SwCompany) ? session.Caller.OrganisationId : null;
        // Then they are sorted by what the company knows them by; nearly always that is how they stand in the table.
        var byOwnIds = company is not null
            && session.Store.Placements.Any(placement => placement.CompanyId == company && placement.ReportedAs != null);
        var placements = byOwnIds
            ? session.Store.Placements.FromSqlInterpolated($"SELECT * FROM placements WHERE coalesce(reported_as, placement_id) > {after}")
            : session.Store.Placements.FromSqlInterpolated($"SELECT * FROM placements WHERE placement_id > {after}");
        if (company is not null) placements = placements.Where(placement => placement.CompanyId == company);

        if (request.InForceOn.ToDateOnlyOrNull() is { } day)
        {
            // The row's last day and end are those of its record: a page cannot be cut before the store has filtered.
            placements = placements.Where(placement => placement.StartOn <= day && placement.LastDay >= day && placement.EndReason != EndReason.Correction);
        }

        var sorted = byOwnIds
            ? placements.OrderBy(placement => placement.ReportedAs ?? placement.PlacementId)
            : placements.OrderBy(placement => placement.PlacementId);
        var found = sorted.Take(page.Limit).ToList();
        var (rows, next) = page.Cut(found, placement => PlacementAccess.IdFor(placement, session.Caller).Text());
        var ids = rows.Where(placement => placement.Version > 1).Select(placement => placement.PlacementId).ToList();
        var changed = session.Store.PlacementVersions.Where(version => ids.Contains(version.PlacementId)).OrderBy(version => version.Version).ToLookup(version => version.PlacementId);
        return new ListPlacementsResponse
        {
            Placements =
            {
                rows.Select(placement => PlacementAccess.ToMessage(placement, placement.Version == 1
                    ? PlacementHistory.Of(placement)
                    : new PlacementHistory([.. changed[placement.PlacementId]]), session.Caller)),
            },
            NextPageToken = next,
        };
    }
}
