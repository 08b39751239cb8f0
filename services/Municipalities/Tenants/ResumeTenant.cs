using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>Resumes a suspended municipality.</summary>
static class ResumeTenant
{
    public static ResumeTenantResponse Run(ResumeTenantRequest request, TenantRegistry tenants, WriteSession<MunicipalitiesStore> session)
    {
        var (row, municipality) = session.Tenant(request.Municipality);
        var day = request.ResumedOn.ToDateOnly();
        if (TenantRules.Resume(row.State, municipality.ChangedOn, day) is { } refusal) throw refusal.ToException();

        (row.State, row.Version) = (TenantStanding.Active, row.Version + 1);
        municipality.ChangedOn = day;
        session.Raise(new TenantResumed { Municipality = request.Municipality, ResumedOn = request.ResumedOn }, request.Municipality);
        session.AfterCommit(() => tenants.Resumed(TenantId.Parse(request.Municipality)));
        return new ResumeTenantResponse { Tenant = row.ToMessage(municipality) };
    }
}
