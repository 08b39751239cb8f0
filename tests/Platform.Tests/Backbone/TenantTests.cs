using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Every service learns which municipalities there are, from events or, when a call comes first, by asking.</summary>
public sealed class TenantTests : NotesTest
{
    [Fact]
    public async Task What_Municipalities_says_of_a_municipality_holds_in_every_service_also_after_a_restart()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await StandsAsync(host, tenant, TenantStanding.Active);
        await RaiseAsync(host, new TenantSuspended { Municipality = Amsterdam });
        await StandsAsync(host, tenant, TenantStanding.Suspended);

        // A suspended municipality's calls are refused; what others tell about it is still applied.
        Assert.Equal(ErrorReason.TenantSuspended, await RefusedAsync(() => AdmitAsync(host, tenant)));
        await host.AddAsync(tenant, "note");
        await Eventually(() => host.Seen(tenant).Count == 1, "the event is applied");
        await host.DisposeAsync();

        host = await StartAsync();
        Assert.Equal(TenantStanding.Suspended, host.Readers.Tenants.Find(tenant));
        await RaiseAsync(host, new TenantResumed { Municipality = Amsterdam });
        await StandsAsync(host, tenant, TenantStanding.Active);
    }

    [Fact]
    public async Task A_service_that_was_not_told_yet_asks_before_it_answers()
    {
        var host = await ServeAsync(options => options with { Adjust = builder => builder.Services.AddSingleton<EventTransport>(services => new SilentPlatform(services)) });
        var tenant = await host.RegisterAsync(Amsterdam);
        Assert.Null(host.Readers.Tenants.Find(tenant));
        Assert.Equal(tenant, await AdmitAsync(host, tenant));
        Assert.Equal(TenantStanding.Active, host.Readers.Tenants.Find(tenant));
        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => AdmitAsync(host, TenantId.Parse("GM9999"))));

        // So does an event that comes first.
        var other = await host.RegisterAsync("GM0599");
        await host.AddAsync(other, "note");
        await Eventually(() => host.Seen(other).Count == 1, "the event is applied");
    }

    [Fact]
    public async Task Municipalities_out_of_reach_is_no_answer()
    {
        var host = await StartAsync(options => options with { Adjust = builder => builder.Services.AddSingleton<EventTransport>(services => new SilentPlatform(services)) });
        var tenant = await host.RegisterAsync(Amsterdam);
        Assert.Equal(ErrorReason.ServiceUnreachable, await RefusedAsync(() => AdmitAsync(host, tenant)));
    }

    /// <summary>As on a new machine, where Municipalities' platform store is restored before that of who follows it.</summary>
    [Fact]
    public void A_municipality_of_which_was_heard_before_its_platform_store_was_restored_has_its_file()
    {
        var (registry, tenant) = (new TenantRegistry(), TenantId.Parse(Amsterdam));
        registry.Registered(tenant);
        Assert.Equal(StorePresence.NotMade, registry.Presence(tenant));
        registry.Set(tenant, TenantStanding.Active, storeMade: true);
        Assert.Equal(StorePresence.Made, registry.Presence(tenant));
        registry.Suspended(tenant);
        Assert.Equal(StorePresence.Made, registry.Presence(tenant));
    }

    private static Task<TenantId> AdmitAsync(NotesHost host, TenantId tenant) =>
        host.Readers.AdmitAsync(Caller.OfService("test"), tenant, "/of.no.contract/Call", Cancel).AsTask();

    private static Task StandsAsync(NotesHost host, TenantId tenant, TenantStanding standing) =>
        Eventually(() => host.Readers.Tenants.Find(tenant) == standing, $"the follower knows that it is {standing}");

    private static Task RaiseAsync(NotesHost host, Google.Protobuf.IMessage @event) => host.Notes.PlatformStore.WriteAsync(NotesHost.By("operator"), session =>
    {
        session.Raise(@event, Amsterdam);
        return true;
    });

    /// <summary>Delivers no platform events: nobody is told who takes part.</summary>
    private sealed class SilentPlatform(IServiceProvider services) : EventTransport
    {
        private readonly EmbeddedTransport _sound = new(services);

        public override void Committed(StoreName store) => _sound.Committed(store);

        public override Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel) =>
            source.Origin is null ? Task.FromResult(new SourcePage("", [])) : _sound.ReadAsync(source, after, most, cancel);
    }
}
