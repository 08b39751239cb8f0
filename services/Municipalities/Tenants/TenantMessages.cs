using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>Finding municipalities and showing them as they stand in the contract.</summary>
static class TenantMessages
{
    public static Tenant ToMessage(this TenantRow row, Municipality municipality) => new()
    {
        Municipality = row.Code,
        Name = row.Name,
        Province = municipality.Province,
        LabourMarketRegion = municipality.LabourMarketRegion,
        LabourMarketRegionName = municipality.LabourMarketRegionName,
        State = row.State == TenantStanding.Suspended ? TenantState.Suspended : TenantState.Active,
        RegisteredOn = municipality.RegisteredOn.ToDate(),
        Version = row.Version,
    };

    /// <summary>A registered municipality, or MUNICIPALITY_NOT_FOUND.</summary>
    public static (TenantRow Row, Municipality Municipality) Tenant(this WriteSession<MunicipalitiesStore> session, string code) =>
        session.Store.Tenants.Find(code) is { } row
            ? (row, session.Store.Municipalities.Find(code)!)
            : throw Refusal.UnknownTenant().ToException();
}
