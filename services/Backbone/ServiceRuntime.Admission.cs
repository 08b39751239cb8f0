using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Backbone;

/// <content>Which municipalities are served, and who is asked about one that is not known here.</content>
public sealed partial class ServiceRuntime<TTenant, TPlatform>
    where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>Refuses who has nothing to do with a municipality, before anything is said of it.</summary>
    /// <exception cref="RefusalException">As the service says.</exception>
    internal void RequireNoStranger(Caller caller, TenantId tenant)
    {
        if (_stranger is null) return;
        var store = Tenants.Find(tenant) is null ? null : TenantStores.Get(tenant);
        if (_stranger(caller, store) is { } refusal) throw refusal.ToException();
    }

    /// <inheritdoc/>
    public override ValueTask RequireKnownAsync(TenantId tenant, CancellationToken cancel, bool follows = false) =>
        Tenants.Find(tenant) is null ? new ValueTask(AskMunicipalitiesAsync(tenant, follows, cancel)) : ValueTask.CompletedTask;

    private async Task AskMunicipalitiesAsync(TenantId tenant, bool follows, CancellationToken cancel)
    {
        // Who takes part stands in the platform store: without it nobody may hear that there is no such municipality.
        PlatformStore.Identity();
        if (Name == "municipalities") throw Refusal.UnknownTenant().ToException();
        GetTenantResponse answer;
        using var unrecorded = Spans.Background();
        try
        {
            var clients = PlatformClients.Of(_services);
            var client = follows
                ? clients.Get<TenantService.TenantServiceClient>(Name, _services.GetRequiredService<FollowerCalls>())
                : clients.Get<TenantService.TenantServiceClient>(Name);
            answer = await client.GetTenantAsync(new GetTenantRequest { Municipality = tenant.Code }, cancellationToken: cancel);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            throw Refusal.UnknownTenant().ToException();
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "Municipalities cannot say now whether it exists.").ToException();
        }

        var standing = answer.Tenant.State == TenantState.Suspended ? TenantStanding.Suspended : TenantStanding.Active;
        await PlatformStore.WriteAsync(WriteInfo.Capture(Caller.OfService(Name), cancel: cancel), session =>
        {
            // What its events said meanwhile is newer than this answer.
            standing = TenantReactions.Remember(session, tenant.Code, answer.Tenant.Name, standing);
            session.AfterCommit(() => Tenants.Set(tenant, standing));
            return true;
        });
    }
}
