using System.Text;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Messaging.Carriers;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Cli.Broker;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Webhooks;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>
/// Every way by which events and what was made of them reach a municipality, and operators: all that Amsterdam has, from the
/// beginning.
/// </summary>
internal sealed class Doors : IAsyncDisposable
{
    private readonly WebhookPlatform _platform;
    private readonly Receiver _receiver;
    private readonly Hook _hook;

    private Doors(WebhookPlatform platform, Receiver receiver, Hook hook) => (_platform, _receiver, _hook) = (platform, receiver, hook);

    public static async Task<Doors> OpenAsync(WebhookPlatform platform)
    {
        var receiver = await Receiver.StartAsync();
        return new Doors(platform, receiver, await platform.HookAsync(receiver.Url));
    }

    public static bool Holds(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    /// <summary>A fact of UWV that everybody sees went through the door where it can be seen last: all before it did, too.</summary>
    public async Task PassAsync()
    {
        var caseId = await _platform.OpenedAsync();
        var asked = (await _platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await PlatformFixture.Eventually(() => Task.FromResult(Delivered().Any(read => read.Subject == asked)), "the webhook has it");
    }

    /// <summary>The events that name an id, by door.</summary>
    public async Task<List<(string Door, List<CloudEvent> Events)>> EventsAsync(string id)
    {
        var doors = await AllEventsAsync();
        var operations = new OperationsService.OperationsServiceClient(_platform.Operator());
        var flow = await operations.GetFlowAsync(new GetFlowRequest { Ids = { id } });
        doors.Add(("GetFlow", [.. flow.Events.Select(found => found.Event)]));
        return [.. doors.Select(door => (door.Door, door.Events.Where(read => Names(read, id)).ToList()))];
    }

    private async Task<List<(string Door, List<CloudEvent> Events)>> AllEventsAsync()
    {
        var (own, operators) = (_platform.Municipality(Amsterdam), _platform.Operator());
        var doors = new List<(string Door, List<CloudEvent> Events)>
        {
            ("webhook", Delivered()),
            ("broker", OnBroker()),
        };
        foreach (var service in new[] { "municipalities", "uwv" })
        {
            doors.Add(($"Subscribe {service}", await SubscribeAsync(own, service)));
            doors.Add(($"ReadEvents {service}", await ReadAsync(own, service)));
            doors.Add(($"ReadEvents {service} as operator", await ReadAsync(operators, service)));
        }

        doors.Add(("ReadEvents uwv own_only", await ReadOwnAsync(own)));
        return doors;
    }

    /// <summary>The events of Amsterdam's log at UWV that a service sees and that name an id.</summary>
    public async Task<List<CloudEvent>> OfServiceAsync(string service, string id) =>
        [.. (await ReadOwnAsync(_platform.Service(service))).Where(read => Names(read, id))];

    /// <summary>All that a municipality can read, as texts, by door.</summary>
    public async Task<List<(string Door, string Text)>> TextsAsync(string id)
    {
        // Their data is text, too: ids stand in it as they are.
        var texts = (await AllEventsAsync()).ConvertAll(door =>
            (door.Door, string.Join('\n', door.Events.Select(read => Encoding.Latin1.GetString(read.ToByteArray())))));
        var advices = new AdviceService.AdviceServiceClient(_platform.Municipality(Amsterdam));
        foreach (var state in Enum.GetValues<AdviceState>())
        {
            var listed = await advices.ListAdviceRequestsAsync(new() { Municipality = Amsterdam, State = state, PageSize = 500 });
            texts.Add(($"ListAdviceRequests {state}", $"{listed}"));
        }

        var cases = await _platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500 });
        texts.Add(("ListCases", $"{cases}"));
        foreach (var caseId in cases.Cases.Select(found => found.CaseId))
        {
            texts.Add(("GetCase", $"{await _platform.CaseAsync(caseId)}"));
            var timeline = await _platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId });
            texts.Add(("GetCaseTimeline", Encoding.Latin1.GetString(timeline.ToByteArray())));
        }

        // A delivery names the event.
        var hidden = UwvLog().Where(read => read.Subject == id && !Audience.IsOpen(read)).Select(read => read.Id).ToHashSet();
        var deliveries = await _hook.DeliveriesAsync();
        texts.Add(("ListDeliveries", string.Join('\n', deliveries.Where(delivery => hidden.Contains(delivery.EventId)).Select(_ => id))));
        return texts;
    }

    /// <summary>The files of the municipality's own store.</summary>
    public IEnumerable<(string File, byte[] Bytes)> Files() =>
        Directory.GetFiles(Path.Combine(_platform.Options.DataFolder, "municipalities"), Amsterdam + ".db*")
            .Select(file => (file, Bytes(file)));

    /// <summary>Puts what UWV's log holds of a request into the municipality's own, with the citizen as actor.</summary>
    public Task KeepAsEarlierVersionAsync(string id, string citizen) => Store.WriteAsync(WriteInfo.Capture(Self), session =>
    {
        var source = Sources.Of(session.Statement, new SourceKey("uwv", TenantId.Parse(Amsterdam)), UwvLog()[0].Source).SourceId;
        foreach (var read in UwvLog().Where(read => read.Subject == id))
        {
            var kept = read.Clone();
            kept.Actor = "citizen:" + citizen;
            session.Events.AppendReceived(source, kept);
        }

        return true;
    });

    /// <summary>Puts the events of a request on the timeline of a case.</summary>
    public Task PutOnTimelineAsync(string caseId, string id) => Store.WriteAsync(WriteInfo.Capture(Self), session =>
        session.Command("INSERT INTO case_facts (case_id, position) SELECT $case, position FROM events WHERE subject = $id")
            .Set("$case", Guid.Parse(caseId).Bytes()).Set("$id", id).ExecuteNonQuery());

    public async ValueTask DisposeAsync()
    {
        await _hook.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private static Caller Self { get; } = Caller.OfService("municipalities");

    private StoreHandle<MunicipalityStore> Store =>
        _platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>()
            .TenantStores.Get(TenantId.Parse(Amsterdam));

    private List<CloudEvent> Delivered() => [.. _receiver.All.Select(received => received.Event)];

    /// <summary>What a municipality's queue would get of all that the services publish.</summary>
    private List<CloudEvent> OnBroker()
    {
        var user = new BrokerUser(Amsterdam);
        Assert.Equal($"*.*.{Amsterdam}", user.BindingKey);
        return
        [
            .. new[] { "uwv", "municipalities" }.SelectMany(service => LogOf(service))
                .Where(read => Topology.RoutingKeyOf(SourceKey.Of(read), read).Split('.') is [_, _, Amsterdam])
                .Select(read => CloudEventJson.Read(CloudEventJson.Write(read))),
        ];
    }

    private List<CloudEvent> UwvLog() => LogOf("uwv");

    private List<CloudEvent> LogOf(string service)
    {
        var feed = _platform.App.Services.GetRequiredService<ServiceRuntimes>().Find(service)!.Feed(TenantId.Parse(Amsterdam));
        return [.. feed.ReadOwnAfter(0, 100_000).Select(logged => logged.Event)];
    }

    private static async Task<List<CloudEvent>> SubscribeAsync(CallInvoker caller, string service)
    {
        var events = new List<CloudEvent>();
        using var feed = new EventService.EventServiceClient(caller).Subscribe(
            new SubscribeRequest { Service = service, Municipality = Amsterdam }, deadline: DateTime.UtcNow.AddSeconds(60));
        await foreach (var message in feed.ResponseStream.ReadAllAsync())
        {
            if (message.MessageCase == SubscribeResponse.MessageOneofCase.CaughtUp) break;
            if (message.Event is { } read) events.Add(read);
        }

        return events;
    }

    private static async Task<List<CloudEvent>> ReadAsync(CallInvoker caller, string service)
    {
        var (events, after) = (new List<CloudEvent>(), "");
        ReadEventsResponse page;
        do
        {
            // Small pages: one may hold nothing that may be seen.
            page = await new EventService.EventServiceClient(caller).ReadEventsAsync(
                new ReadEventsRequest { Service = service, Municipality = Amsterdam, After = after, PageSize = 2 });
            events.AddRange(page.Events);
            after = page.ResumeToken;
        }
        while (!page.EndReached);
        return events;
    }

    private static async Task<List<CloudEvent>> ReadOwnAsync(CallInvoker caller)
    {
        var events = new List<CloudEvent>();
        ReadEventsResponse page;
        do
        {
            page = await new EventService.EventServiceClient(caller).ReadEventsAsync(new ReadEventsRequest
            {
                Service = "uwv", Municipality = Amsterdam, OwnOnly = true, AfterSequence = events.Count, PageSize = 1000,
            });
            events.AddRange(page.Events);
        }
        while (page.Events.Count > 0);
        // Whoever counts them counts all.
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(read => read.Sequence));
        return events;
    }

    private static bool Names(CloudEvent read, string id) => Holds(read.ToByteArray(), id);

    private static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
