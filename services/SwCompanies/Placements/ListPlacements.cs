using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>Placements by id: a company its own, a municipality all of its people.</summary>
internal static class ListPlacements
{
    private const int DefaultPageSize = 100;

    public static ListPlacementsResponse Run(ListPlacementsRequest request, ReadSession<SwCompanyStore> session)
    {
        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var after = Guid.Empty;
        var checks = new FieldChecks();
        checks.Require(request.PageToken.Length == 0 || Guid.TryParseExact(request.PageToken, "N", out after), "page_token", "Is no token of this service.");
        checks.ThrowIfAny();

        var placements = session.Store.Placements.FromSqlInterpolated($"SELECT * FROM placements WHERE placement_id > {after.Bytes()}");
        if (session.Caller.Is(OrganisationKind.SwCompany))
        {
            placements = placements.Where(placement => placement.CompanyId == session.Caller.OrganisationId);
        }

        if (request.InForceOn.ToDateOnlyOrNull() is { } day)
        {
            placements = placements.Where(placement => placement.StartOn <= day && placement.LastDay >= day && placement.EndReason != EndReason.Correction);
        }

        var page = placements.OrderBy(placement => placement.PlacementId).Take(size + 1).ToList();
        var more = page.Count > size;
        if (more) page.RemoveAt(size);

        var ids = page.Where(placement => placement.Version > 1).Select(placement => placement.PlacementId).ToList();
        var changed = session.Store.PlacementVersions.Where(version => ids.Contains(version.PlacementId)).OrderBy(version => version.Version).ToLookup(version => version.PlacementId);
        return new ListPlacementsResponse
        {
            Placements =
            {
                page.Select(placement => PlacementAccess.ToMessage(
                    placement, placement.Version == 1 ? PlacementAccess.VersionsOf(session.Store, placement) : [.. changed[placement.PlacementId]])),
            },
            NextPageToken = more ? page[^1].PlacementId.ToString("N") : "",
        };
    }
}
