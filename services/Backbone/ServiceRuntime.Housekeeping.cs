using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone;

/// <content>Work that nobody waits for.</content>
public sealed partial class ServiceRuntime<TTenant, TPlatform>
    where TTenant : StoreContext where TPlatform : StoreContext
{
    private void NoteStoreMade(TenantId tenant)
    {
        if (!Tenants.StoreMade(tenant)) return;
        // Not awaited, for the store is being opened: when this is lost, it is noted at the next start that opens the file.
        _ = LogFaults(async () => await PlatformStore.WriteAsync(WriteInfo.Capture(Caller.OfService(Name)), session =>
            session.Command("UPDATE tenants SET store_made = 1 WHERE code = $code").Set("$code", tenant.Code).ExecuteNonQuery()));
    }

    /// <summary>Closes what nobody asked for lately and forgets answers that are no longer kept.</summary>
    internal Task TidyUpAsync() => LogFaults(async () =>
    {
        TenantStores.CloseIdle();
        await PurgeAsync(TenantStores);
        await PurgeAsync(Platform);
    });

    private async Task PurgeAsync<TStore>(StoreDirectory<TStore> stores) where TStore : StoreContext
    {
        var open = stores.Known.Where(store => store is { IsOpen: true, Quarantine: null });
        foreach (var (store, fault) in await Round.OfAsync(open, 1, store => RequestLog.PurgeAsync(store, Name, Clock))) LogFault(store.Name, fault);
    }

    /// <summary>For work that nobody waits for: it is repeated later, so that its failure is only told.</summary>
    private async Task LogFaults(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception error)
        {
            LogFault(PlatformStore.Name, error);
        }
    }

    private void LogFault(StoreName store, Exception error) => _services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Service")
        .LogError("Housekeeping of {Store} failed: {Fault}", store, FaultText.Of(error));
}
