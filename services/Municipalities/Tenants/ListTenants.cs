using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>All municipalities by code. The page token is the last code of the page before.</summary>
static class ListTenants
{
    private const int DefaultPageSize = 100;

    public static ListTenantsResponse Run(ListTenantsRequest request, ReadSession<MunicipalitiesStore> session)
    {
        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var page = session.Store.Tenants
            .Where(row => string.Compare(row.Code, request.PageToken) > 0)
            .OrderBy(row => row.Code)
            .Take(size)
            .Join(session.Store.Municipalities, row => row.Code, municipality => municipality.Code, (row, municipality) => new { row, municipality })
            .OrderBy(found => found.row.Code)
            .ToList();

        var response = new ListTenantsResponse { NextPageToken = page.Count < size ? "" : page[^1].row.Code };
        response.Tenants.Add(page.Select(found => found.row.ToMessage(found.municipality)));
        return response;
    }
}
