using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A service whose reactions raise no event does not wait for the disk with what it hears, and loses nothing by it.</summary>
public sealed class OnlyListenTests : NotesTest
{
    [Theory]
    [InlineData(true, Normal)]
    [InlineData(false, Full)]
    public async Task What_a_service_that_only_listens_hears_does_not_wait_for_the_disk_but_whatever_a_caller_is_told_does(bool onlyListen, string durability)
    {
        var host = await StartAsync(options => options with
        {
            Readers = service =>
            {
                service.Tenant.OnlyListen = onlyListen;
                service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
                    session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = Durability(session) }));
            },
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "heard");
        await SeenAsync(host, tenant, 1);
        Assert.Equal(Full, await host.Readers.TenantStores.Get(tenant).WriteAsync(NotesHost.By("op"), Durability));
        await host.AddAsync(tenant, "heard after a call");
        await SeenAsync(host, tenant, 2);
        Assert.Equal([durability, durability], host.Seen(tenant).Select(seen => seen.Prepared));
    }

    [Fact]
    public async Task Received_events_that_are_kept_in_the_log_wait_for_the_disk_also_where_a_service_only_listens()
    {
        var host = await StartAsync(options => options with
        {
            Readers = service =>
            {
                (service.KeepReceived, service.Tenant.OnlyListen) = (true, true);
                service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
                    session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = Durability(session) }));
            },
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "kept");
        await SeenAsync(host, tenant, 1);
        Assert.Equal(Full, Assert.Single(host.Seen(tenant)).Prepared);
    }

    [Fact]
    public async Task Who_only_listens_cannot_raise()
    {
        var host = await StartAsync(options => options with
        {
            Readers = service =>
            {
                service.Tenant.OnlyListen = true;
                service.Tenant.On<CaseOpened>("municipalities", (_, received, session) => session.Raise(new CaseDetermined(), received.Subject));
            },
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "note");
        var store = host.Readers.TenantStores.Get(tenant);
        await Eventually(() => store.Exists && host.Readers.TenantInbox.ListParked(tenant).Count == 1, "it is parked");
        Assert.Empty(host.Readers.Feed(tenant).ReadOwnAfter(0, 10));
    }

    [Fact]
    public async Task One_reaction_that_may_raise_waits_for_the_disk_and_the_others_still_do_not()
    {
        var host = await StartAsync(options => options with
        {
            Readers = service =>
            {
                service.Tenant.OnlyListen = true;
                service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
                    session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = Durability(session) }));
                service.Tenant.On<CandidateDroppedOut>(
                    "municipalities",
                    (_, received, session) =>
                    {
                        session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = Durability(session) });
                        session.Raise(new CaseDetermined(), received.Subject);
                    },
                    mayRaise: true);
            },
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "heard");
        await SeenAsync(host, tenant, 1);
        await host.Notes.TenantStores.Get(tenant).WriteAsync(NotesHost.By("gm"), session =>
        {
            session.Raise(new CandidateDroppedOut(), "somebody");
            return true;
        });
        await SeenAsync(host, tenant, 2);
        await host.AddAsync(tenant, "heard after it");
        await SeenAsync(host, tenant, 3);
        Assert.Equal([Normal, Full, Normal], host.Seen(tenant).Select(seen => seen.Prepared));
        Assert.Equal("somebody", Assert.Single(host.Readers.Feed(tenant).ReadOwnAfter(0, 10)).Event.Subject);
    }

    [Fact]
    public async Task What_a_power_cut_took_of_what_was_heard_is_heard_again()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        for (var i = 0; i < 20; i++) await host.AddAsync(tenant, $"note {i}");
        await SeenAsync(host, tenant, 20);
        await host.DisposeAsync();
        var file = Path.Combine(Folder, "readers", Amsterdam + ".db");
        File.Copy(file, file + ".flushed");

        host = await StartAsync();
        for (var i = 20; i < 50; i++) await host.AddAsync(tenant, $"note {i}");
        await SeenAsync(host, tenant, 50);
        await host.DisposeAsync();
        File.Move(file + ".flushed", file, overwrite: true);

        host = await StartAsync();
        await SeenAsync(host, tenant, 50);
    }

    private const string Normal = "1", Full = "2";

    private static string Durability(WriteSession<ReaderStore> session) => $"{session.Command("PRAGMA synchronous").ExecuteScalar()}";
}
