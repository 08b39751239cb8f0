using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Host;
using BeschutWerk.Identity;
using BeschutWerk.SwCompanies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Bench;

/// <summary>What the server says of itself.</summary>
/// <param name="Allocated">Bytes allocated so far.</param>
/// <param name="Behind">Sources whose events wait to be applied.</param>
public sealed record ServerStatus(long Allocated, long Behind);

/// <summary>What the server says when it is ready.</summary>
public sealed record ServerReady(string Grpc, string Tokens, Dictionary<string, string> Secrets);

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

    public static async Task<int> RunAsync(string dataFolder)
    {
        var options = new PlatformOptions(dataFolder, FreePort(), FreePort());
        var delivery = new Delivery();
        await using var app = PlatformHost.Build(options, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<EventTransport>(services => new SwitchedTransport(new EmbeddedTransport(services), delivery));
        });
        using var behind = new BehindGauge();
        await app.StartAsync();

        var secrets = app.Services.GetRequiredService<Clients>().RegisterAll(Parties, renewSecret: _ => true);
        Say(new ServerReady(options.GrpcAddress, options.Authority, secrets.ToDictionary(client => client.Registration.ClientId, client => client.NewSecret!)));
        while (await Console.In.ReadLineAsync() is { } question && question != "stop")
        {
            switch (question)
            {
                case "status": Say(new ServerStatus(GC.GetTotalAllocatedBytes(precise: true), behind.Read())); break;
                case "deliver": delivery.On = true; Say(true); break;
                case "hold": delivery.On = false; Say(true); break;
                case "pragmas": Say(await PragmasAsync(app.Services)); break;
                default: throw new ArgumentException($"No such question: {question}.");
            }
        }

        await app.StopAsync();
        return 0;
    }

    /// <summary>As the connection that writes the placements has them.</summary>
    private static async Task<Dictionary<string, string>> PragmasAsync(IServiceProvider services)
    {
        var stores = services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>().TenantStores;
        return await stores.Get(TenantId.Parse(Workload.Municipality)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("bench")), session => Pragmas.Read(session.Command("SELECT 1").Connection!));
    }

    private static void Say<T>(T answer)
    {
        Console.WriteLine(JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Delivery
    {
        public bool On { get; set; } = true;
    }

    /// <summary>Held, it is as when the other services run elsewhere: their events wait in the log.</summary>
    private sealed class SwitchedTransport(EmbeddedTransport inner, Delivery delivery) : EventTransport
    {
        public override void Committed(StoreName store)
        {
            if (delivery.On) inner.Committed(store);
        }

        public override Task<SourcePage> ReadAsync(SourceKey source, long afterSequence, int most, CancellationToken cancel) =>
            inner.ReadAsync(source, afterSequence, most, cancel);
    }

    private sealed class BehindGauge : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _sum;

        public BehindGauge()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: Instruments.Name, Name: "beschutwerk.events.behind" }) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _sum += value);
            _listener.Start();
        }

        public long Read()
        {
            _sum = 0;
            _listener.RecordObservableInstruments();
            return _sum;
        }

        public void Dispose() => _listener.Dispose();
    }
}
