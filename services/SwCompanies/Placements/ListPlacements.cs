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
        var placements = session.Store.Placements.FromSqlInterpolated($"SELECT * FROM placements WHERE placement_id > {after}");
        if (session.Caller.Is(OrganisationKind.SwCompany))
        {
            placements = placements.Where(placement => placement.CompanyId == session.Caller.OrganisationId);
        }

        if (request.InForceOn.ToDateOnlyOrNull() is { } day)
        {
            // The row's last day and end are those of its record: a page cannot be cut before the store has filtered.
            placements = placements.Where(placement => placement.StartOn <= day && placement.LastDay >= day && placement.EndReason != EndReason.Correction);
        }

        var found = placements.OrderBy(placement => placement.PlacementId).Take(page.Limit).ToList();
        var (rows, next) = page.Cut(found, placement => placement.PlacementId.Text());
        var ids = rows.Where(placement => placement.Version > 1).Select(placement => placement.PlacementId).ToList();
        var changed = session.Store.PlacementVersions.Where(version => ids.Contains(version.PlacementId)).OrderBy(version => version.Version).ToLookup(version => version.PlacementId);
        return new ListPlacementsResponse
        {
            Placements =
            {
                rows.Select(placement => PlacementAccess.ToMessage(placement, placement.Version == 1
                    ? PlacementHistory.Of(placement)
                    : new PlacementHistory([.. changed[placement.PlacementId]]))),
            },
            NextPageToken = next,
        };
    }
}
