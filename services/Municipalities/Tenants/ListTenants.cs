using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>All municipalities by code.</summary>
static class ListTenants
{
    public static ListTenantsResponse Run(ListTenantsRequest request, ReadSession<MunicipalitiesStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var after = page.After("");
        var found = session.Store.Tenants
            .Where(row => string.Compare(row.Code, after) > 0)
            .OrderBy(row => row.Code)
            .Take(page.Limit)
            .Join(session.Store.Municipalities, row => row.Code, municipality => municipality.Code, (row, municipality) => new { row, municipality })
            .OrderBy(found => found.row.Code)
            .ToList();

        var (rows, next) = page.Cut(found, tenant => tenant.row.Code);
        var response = new ListTenantsResponse { NextPageToken = next };
        response.Tenants.Add(rows.Select(tenant => tenant.row.ToMessage(tenant.municipality)));
        return response;
    }
}
