using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>What a service follows waits while another service or its own disk is away; nothing is parked, and it goes on at once.</summary>
public sealed class OutageTests : NotesTest
{
    [Fact]
    public async Task What_waits_for_a_service_is_tried_at_once_when_that_answers_again()
    {
        var (asked, answers) = (0, false);
        var host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened, bool>("municipalities",
                (_, _, _) => Interlocked.Increment(ref asked) > 0 && Volatile.Read(ref answers) ? Task.FromResult(true) : throw new RpcException(new Status(StatusCode.Unavailable, "away")),
                (_, _, received, session) => session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject })),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "note");
        await Eventually(() => Volatile.Read(ref asked) == 7, "it was asked seven times");
        Volatile.Write(ref answers, true);
        var watch = Stopwatch.StartNew();
        host.Services.GetRequiredService<ServiceRuntimes>().RetryHeldBack();
        await Eventually(() => host.Seen(tenant).Count == 1, "it is applied");
        // Of itself it would look again after 6.4 seconds.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public async Task An_unreachable_service_holds_the_source_back_and_parks_nothing()
    {
        var asked = 0;
        var host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened, bool>("municipalities",
                (_, received, _) => received.Subject == "needs another" && ++asked < 4
                    ? throw new RpcException(new Status(StatusCode.Unavailable, "not now"))
                    : Task.FromResult(true),
                (_, _, received, session) => session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject })),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        foreach (var text in new[] { "first", "needs another", "last" }) await host.AddAsync(tenant, text);
        await SeenAsync(host, tenant, 3);
        Assert.Equal(4, asked);
        Assert.Empty(host.Readers.TenantInbox.ListParked(tenant));
    }

    [Fact]
    public async Task A_disk_that_is_full_for_a_while_parks_nothing()
    {
        var host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
                session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject, Prepared = new string('x', 400_000) })),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "first");
        await SeenAsync(host, tenant, 1);
        var store = host.Readers.TenantStores.Get(tenant);
        await store.WriteAsync(NotesHost.By("op"), session =>
            session.Command($"PRAGMA max_page_count = {(long)session.Command("PRAGMA page_count").ExecuteScalar()! + 5}").ExecuteScalar());
        await host.AddAsync(tenant, "second");
        await Eventually(() => host.Readers.TenantInbox.Behind > 0, "the source is held back");
        await store.WriteAsync(NotesHost.By("op"), session => session.Command("PRAGMA max_page_count = 100000").ExecuteScalar());
        await SeenAsync(host, tenant, 2);
        Assert.Empty(host.Readers.TenantInbox.ListParked(tenant));
    }
}
