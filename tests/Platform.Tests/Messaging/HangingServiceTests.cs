using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.BackboneTests;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>
/// A service that hangs takes connections and answers nothing, as a process does that was stopped by a signal. What comes from the
/// other services must not wait for it.
/// </summary>
public sealed class HangingServiceTests(Broker broker) : BrokerTest(broker)
{
    /// <summary>A read of a log that is not answered ends after fifteen seconds.</summary>
    private static readonly TimeSpan WellBeforeItsReadsEnd = TimeSpan.FromSeconds(9);

    [Fact]
    public async Task Events_of_a_healthy_service_do_not_wait_for_one_that_hangs()
    {
        using var hangs = new TcpListener(IPAddress.Loopback, 0);
        hangs.Start(backlog: 100);
        var host = await StartAsync(options => options with
        {
            Before = builder => (builder.Configuration["Messaging:RabbitMq"], builder.Configuration["Services:uwv"]) =
                (Rabbit.Amqp.ToString(), $"http://localhost:{((IPEndPoint)hangs.LocalEndpoint).Port}"),
            Adjust = builder => builder.Services.AddSingleton(new ServiceToken((_, _) => ValueTask.FromResult("token"), _ => { })),
            Readers = service =>
            {
                NotesOptions.JustSee(service);
                service.Tenant.On<AdviceWithdrawn>("uwv", (_, _, _) => Assert.Fail("It hangs."));
            },
        });
        var tenants = new List<TenantId>();
        for (var i = 0; i < 30; i++) tenants.Add(await host.RegisterAsync($"GM{100 + i:D4}"));
        await EventuallyAsync(
            () => Task.FromResult(host.Readers.TenantInbox.BehindSources.Count(behind => behind.Source.Service == "uwv") == tenants.Count),
            "the service that hangs is asked for the events of each municipality");

        var watch = Stopwatch.StartNew();
        foreach (var tenant in tenants) await host.AddAsync(tenant, "note");
        foreach (var tenant in tenants) await SeenAsync(host, tenant, 1);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, WellBeforeItsReadsEnd);

        // The next read of the service that hangs holds them up as little.
        var asked = Stopwatch.StartNew();
        for (var round = 2; asked.Elapsed < TimeSpan.FromSeconds(20); round++)
        {
            watch.Restart();
            await host.AddAsync(tenants[0], $"note {round}");
            await SeenAsync(host, tenants[0], round);
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, WellBeforeItsReadsEnd);
            await Task.Delay(500, Cancel);
        }
    }
}
