using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>Suspends a municipality: its own calls and new placements are refused, events are still applied.</summary>
static class SuspendTenant
{
    public static void CheckFields(SuspendTenantRequest request, FieldChecks checks) => PersonalData.Check(checks, ("reason", request.Reason));

    public static SuspendTenantResponse Run(SuspendTenantRequest request, TenantRegistry tenants, WriteSession<MunicipalitiesStore> session)
    {
        var (row, municipality) = session.Tenant(request.Municipality);
        var day = request.SuspendedOn.ToDateOnly();
        if (TenantRules.Suspend(row.State, municipality.ChangedOn, day) is { } refusal) throw refusal.ToException();

        (row.State, row.Version) = (TenantStanding.Suspended, row.Version + 1);
        (municipality.ChangedOn, municipality.SuspensionReason) = (day, request.Reason);
        session.Raise(new TenantSuspended { Municipality = request.Municipality, SuspendedOn = request.SuspendedOn }, request.Municipality);
        session.AfterCommit(() => tenants.Suspended(TenantId.Parse(request.Municipality)));
        return new SuspendTenantResponse { Tenant = row.ToMessage(municipality) };
    }
}
