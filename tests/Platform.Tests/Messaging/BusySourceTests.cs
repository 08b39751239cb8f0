using System.Diagnostics;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.BackboneTests;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>While something is away, a store that is written all the time is tried no more often than a quiet one.</summary>
public sealed class BusySourceTests : NotesTest
{
    private const int Writes = 150;

    [Fact]
    public async Task Following_asks_as_often_as_the_back_off_says()
    {
        var (asked, away) = (0, true);
        var host = await StartAsync(options => options with
        {
            Readers = service => service.Tenant.On<CaseOpened, bool>("municipalities",
                (_, _, _) =>
                {
                    Interlocked.Increment(ref asked);
                    if (Volatile.Read(ref away)) throw new RpcException(new Status(StatusCode.Unavailable, "away"));
                    return Task.FromResult(true);
                },
                (_, _, received, session) => session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject })),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Writes; i++) await host.AddAsync(tenant, $"note {i}");
        await Eventually(() => asked > 2, "it is tried again");
        Assert.InRange(asked, 3, MostIn(watch.Elapsed));

        Volatile.Write(ref away, false);
        await SeenAsync(host, tenant, Writes);
    }

    [Fact]
    public async Task Publishing_tries_as_often_as_the_back_off_says()
    {
        var (tried, away) = (0, true);
        var host = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await host.RegisterAsync(Amsterdam);
        var dispatcher = new Dispatcher(host.Notes, (one, _) =>
        {
            // The platform store's events are not counted.
            if (one.Gemeentecode.Length > 0) Interlocked.Increment(ref tried);
            return Volatile.Read(ref away) ? throw new IOException("away") : Task.CompletedTask;
        }, NullLogger.Instance);
        dispatcher.Start();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Writes; i++)
        {
            await host.AddAsync(tenant, $"note {i}");
            dispatcher.Wake(host.Notes.Feed(tenant).Store);
        }

        await Eventually(() => tried > 2, "it is tried again");
        Assert.InRange(tried, 3, MostIn(watch.Elapsed));

        Volatile.Write(ref away, false);
        dispatcher.Resume();
        await Eventually(() => dispatcher.Waiting().Count == 0, "all is published");
        await dispatcher.StopAsync();
    }

    /// <summary>At once, and after 0.1, 0.3, 0.7 … seconds; one more, for timers that fire early and what was begun meanwhile.</summary>
    private static int MostIn(TimeSpan time) => 2 + (int)Math.Log2((time.TotalSeconds / 0.1) + 1);
}
