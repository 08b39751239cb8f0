using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>Registers a municipality that existed on the day of registration.</summary>
static class RegisterTenant
{
    public static RegisterTenantResponse Run(
        RegisterTenantRequest request, Division division, TenantRegistry tenants, WriteSession<MunicipalitiesStore> session)
    {
        var day = request.RegisteredOn.ToDateOnly();
        var checks = new FieldChecks();
        checks.Require(division.Existed(request.Municipality, day), "municipality", "No municipality had this code on that day.");
        checks.ThrowIfAny();
        if (session.Store.Tenants.Find(request.Municipality) is not null)
        {
            throw Refusal.Of(ErrorReason.AlreadyRegistered, "The municipality is registered already.").ToException();
        }

        var row = new TenantRow { Code = request.Municipality, Name = request.Name, State = TenantStanding.Active, Version = 1 };
        var municipality = new Municipality
        {
            Code = request.Municipality,
            Province = request.Province,
            LabourMarketRegion = request.LabourMarketRegion,
            LabourMarketRegionName = request.LabourMarketRegionName,
            RegisteredOn = day,
            ChangedOn = day,
        };
        session.Store.Tenants.Add(row);
        session.Store.Municipalities.Add(municipality);
        session.Raise(new TenantRegistered
        {
            Municipality = request.Municipality,
            Name = request.Name,
            Province = request.Province,
            LabourMarketRegion = request.LabourMarketRegion,
            LabourMarketRegionName = request.LabourMarketRegionName,
            RegisteredOn = request.RegisteredOn,
        }, request.Municipality);
        session.AfterCommit(() => tenants.Registered(TenantId.Parse(request.Municipality)));
        return new RegisterTenantResponse { Tenant = row.ToMessage(municipality) };
    }
}
