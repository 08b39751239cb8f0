using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A service keeps no more stores open than it may, however often they are opened again.</summary>
public sealed class OpenStoresTests : NotesTest
{
    private const int Most = 3;

    [Fact]
    public async Task The_limit_holds_at_every_opening()
    {
        var host = await StartAsync(options => options with { Readers = _ => { }, Limits = settings => settings with { MostOpen = Most } });
        var tenants = new List<TenantId>();
        for (var i = 1; i <= 8; i++) tenants.Add(await host.RegisterAsync($"GM{i:D4}"));
        for (var round = 1; round <= 3; round++)
        {
            foreach (var tenant in tenants)
            {
                await host.AddAsync(tenant, $"note {round}");
                Assert.InRange(host.Notes.TenantStores.Known.Count(store => store.IsOpen), 1, Most);
                Assert.True(host.Notes.TenantStores.Get(tenant).IsOpen, "The store that was used last is closed.");
            }
        }

        Assert.All(tenants, tenant => Assert.Equal(3, host.Log(tenant).Count));
    }
}
