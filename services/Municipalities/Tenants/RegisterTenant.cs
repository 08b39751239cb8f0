using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>Registers a municipality that existed on the day of registration.</summary>
static class RegisterTenant
{
    public static void CheckFields(RegisterTenantRequest request, Division division, FieldChecks checks)
    {
        PersonalData.Check(
            checks, ("name", request.Name), ("province", request.Province), ("labour_market_region_name", request.LabourMarketRegionName));
        if (request.RegisteredOn.ToDayOrNull() is { } day) division.RequireExisted(checks, "municipality", request.Municipality, day);
    }

    public static RegisterTenantResponse Run(RegisterTenantRequest request, TenantRegistry tenants, WriteSession<MunicipalitiesStore> session)
    {
        var day = request.RegisteredOn.ToDateOnly();
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
