using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Reference;
using Grpc.Core;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>TenantService: which use case runs in which kind of session.</summary>
public sealed class TenantCalls(
    Calls<MunicipalityStore, MunicipalitiesStore> calls, ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime,
    Division division, QuotaApplication application) : TenantService.TenantServiceBase
{
    private const string NotGiven = "The municipality is registered; its store takes nothing now, and gets its numbers when it does.";

    private TenantRegistry Tenants => runtime.Tenants;

    public override async Task<RegisterTenantResponse> RegisterTenant(RegisterTenantRequest request, ServerCallContext context)
    {
        var response = await calls.WritePlatform(
            request, context,
            (r, session) => Municipalities.Tenants.RegisterTenant.Run(r, Tenants, session),
            (r, checks) => Municipalities.Tenants.RegisterTenant.CheckFields(r, division, checks));
        // The numbers that were imported before; a repeated call goes on where the first one stopped. Others that are behind are not
        // the caller's concern.
        var behind = await application.RunAsync(context.CancellationToken);
        if (behind.Contains(request.Municipality)) throw Refusal.Of(ErrorReason.StoreQuarantined, NotGiven).ToException();
        return response;
    }

    public override Task<GetTenantResponse> GetTenant(GetTenantRequest request, ServerCallContext context) =>
        calls.ReadPlatform(request, context, Municipalities.Tenants.GetTenant.Run);

    public override Task<ListTenantsResponse> ListTenants(ListTenantsRequest request, ServerCallContext context) =>
        calls.ReadPlatform(request, context, Municipalities.Tenants.ListTenants.Run);

    public override Task<SuspendTenantResponse> SuspendTenant(SuspendTenantRequest request, ServerCallContext context) =>
        calls.WritePlatform(
            request, context, (r, session) => Municipalities.Tenants.SuspendTenant.Run(r, Tenants, session), Municipalities.Tenants.SuspendTenant.CheckFields);

    public override Task<ResumeTenantResponse> ResumeTenant(ResumeTenantRequest request, ServerCallContext context) =>
        calls.WritePlatform(request, context, (r, session) => Municipalities.Tenants.ResumeTenant.Run(r, Tenants, session));
}
