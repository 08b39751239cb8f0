using System.Text.Json;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Host;
using BeschutWerk.Identity;
using BeschutWerk.SwCompanies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Bench;

/// <summary>What the server says of itself.</summary>
/// <param name="Allocated">Bytes allocated so far.</param>
/// <param name="Behind">Sources whose events wait to be applied.</param>
/// <param name="Waiting">Own events that the broker has not confirmed.</param>
/// <param name="Commits">Commits of all stores so far.</param>
/// <param name="ReadFromLogs">Events that consumers read from a log and no broker brought.</param>
public sealed record ServerStatus(long Allocated, long Behind, long Waiting, long Commits, long ReadFromLogs);

/// <summary>What the server says when it is ready.</summary>
/// <param name="Secrets">Of the clients that it did not know yet.</param>
public sealed record ServerReady(Dictionary<string, string> Secrets);

/// <summary>
/// The server's process: the platform as Host builds it, with a line of standard input per question. Calls reach it only
/// over gRPC.
/// </summary>
internal static class Serve
{
    private static readonly ClientRegistration[] Parties =
    [
        new("operator", IdentityKind.Operator, "operator", "Operator", []),
        new("uwv", IdentityKind.Uwv, "uwv", "UWV", []),
        new("municipality", IdentityKind.Municipality, Workload.Municipality, "Municipality", [Workload.Municipality]),
        new("company", IdentityKind.Sw, Workload.Company, "Company", []),
    ];

    /// <summary>Settings beyond the folder and the ports come from the environment, as operators give them.</summary>
    public static async Task<int> RunAsync(PlatformOptions options)
    {
        var onBroker = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("Messaging__RabbitMq"));
        var transport = default(HeldTransport)!;
        // One consumer of the placements, and so one queue, as the peers have.
        await using var app = PlatformHost.Build(onBroker ? options with { Elsewhere = ["insight"] } : options, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<EventTransport>(services =>
                transport = new HeldTransport(onBroker ? services.GetRequiredService<BrokerTransport>() : new EmbeddedTransport(services)));
        });
        using var meters = new Meters();
        var heldAt = 0L;
        await app.StartAsync();

        Say(new ServerReady(app.Services.GetRequiredService<Clients>().RegisterAll(Parties)
            .Where(client => client.NewSecret is not null).ToDictionary(client => client.Registration.ClientId, client => client.NewSecret!)));
        while (await Console.In.ReadLineAsync() is { } line && line.Split(' ') is [not "stop", ..] question)
        {
            switch (question)
            {
                case ["status"]:
                    meters.Observe();
                    Say(new ServerStatus(GC.GetTotalAllocatedBytes(precise: true), meters.Behind, meters.Waiting, meters.Commits, transport.ReadFromLogs));
                    break;
                case ["deliver", var events]: Say(await DeliverAsync(transport, meters, long.Parse(events))); break;
                case ["hold"]: heldAt = RaisedIn(app); transport.Hold(); Say(true); break;
                case ["held"]: Say(RaisedIn(app) - heldAt); break;
                case ["pragmas"]: Say(await PragmasAsync(app)); break;
                case ["fill", var count]: Say(await FillAsync(app, int.Parse(count))); break;
                default: throw new ArgumentException($"No such question: {line}.");
            }
        }

        await app.StopAsync();
        return 0;
    }

    /// <summary>As the connection that writes the placements has them.</summary>
    private static Task<Dictionary<string, string>> PragmasAsync(WebApplication app) =>
        Placements(app).WriteAsync(AsBench, session => Pragmas.Read(session.Command("SELECT 1").Connection!));

    /// <summary>Raises so many events of one placement each, by the platform's own writer but without the calls, which are not what is measured then.</summary>
    private static async Task<bool> FillAsync(WebApplication app, int count)
    {
        const int perOperation = 1000;
        var workload = new Workload([new Candidate(Guid.CreateVersion7(), Guid.CreateVersion7())]);
        for (var left = count; left > 0; left -= perOperation)
        {
            var events = Workload.Facts(workload.Take(Math.Min(left, perOperation)), perEvent: 1);
            await Placements(app).WriteAsync(AsBench, session =>
            {
                foreach (var fact in events) session.Raise(fact, fact.Placements[0].PlacementId);
                return true;
            });
        }

        return true;
    }

    /// <summary>
    /// Lets go of what waits in the log, until it is applied and confirmed. Waited for here: who asks every millisecond
    /// takes a tenth of the processors, which no peer has to share.
    /// </summary>
    private static async Task<bool> DeliverAsync(HeldTransport transport, Meters meters, long events)
    {
        var applied = meters.Expect(events);
        transport.Deliver();
        await applied.WaitAsync(TimeSpan.FromMinutes(2));
        await Wait.UntilAsync(
            () =>
            {
                meters.Observe();
                return Task.FromResult(meters.Waiting == 0);
            },
            "all is confirmed");
        return true;
    }

    private static long RaisedIn(WebApplication app) =>
        Placements(app).Read(Caller.OfService("bench"), session => (long)session.Command("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE source_id = 0").ExecuteScalar()!);

    private static WriteInfo AsBench => WriteInfo.Capture(Caller.OfService("bench"));

    private static StoreHandle<SwCompanyStore> Placements(WebApplication app) =>
        app.Services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>().TenantStores.Get(TenantId.Parse(Workload.Municipality));

    private static void Say<T>(T answer)
    {
        Console.WriteLine(JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }

    /// <summary>Held, it is as when the other services are away: their events wait in the log.</summary>
    private sealed class HeldTransport(EventTransport inner) : EventTransport
    {
        private readonly HashSet<StoreName> _waiting = [];
        private bool _held;
        private long _read;

        public long ReadFromLogs => Volatile.Read(ref _read);

        public void Hold()
        {
            lock (_waiting) _held = true;
        }

        public void Deliver()
        {
            lock (_waiting)
            {
                _held = false;
                foreach (var store in _waiting) inner.Committed(store);
                _waiting.Clear();
            }
        }

        public override void Committed(StoreName store)
        {
            lock (_waiting)
            {
                if (_held) _waiting.Add(store);
                else inner.Committed(store);
            }
        }

        public override async Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel)
        {
            var page = await inner.ReadAsync(source, after, most, cancel);
            Interlocked.Add(ref _read, page.Events.Count);
            return page;
        }

        internal override BrokerState? Broker(string service) => inner.Broker(service);

        internal override void Start() => inner.Start();

        internal override Task StopAsync() => inner.StopAsync();
    }
}
