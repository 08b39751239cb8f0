using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>One municipality.</summary>
static class GetTenant
{
    public static GetTenantResponse Run(GetTenantRequest request, ReadSession<MunicipalitiesStore> session)
    {
        var row = session.Store.Tenants.FirstOrDefault(row => row.Code == request.Municipality) ?? throw Refusal.UnknownTenant().ToException();
        var municipality = session.Store.Municipalities.First(found => found.Code == request.Municipality);
        return new GetTenantResponse { Tenant = row.ToMessage(municipality) };
    }
}
