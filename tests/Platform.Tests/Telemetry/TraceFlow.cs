using System.Diagnostics;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host;
using BeschutWerk.Platform.Tests.Insight;
using BeschutWerk.Platform.Tests.Messaging;
using Grpc.Core;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using AskUwv = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.TelemetryTests;

/// <summary>
/// One trace from a citizen's call to UWV over the municipality, which asks UWV back and opens a case, and over who follows that
/// case, to the municipality's subscriber. As a collector sees it.
/// </summary>
public abstract class TraceFlow(InsightPlatform platform)
{
    private const string Client = "client";
    private static readonly ActivitySource Source = new("a client of the tests");

    internal abstract OtlpReceiver Collector { get; }

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Whether a broker carries the events, so that they are published.</summary>
    protected virtual bool OverBroker => true;

    [Fact]
    public async Task One_trace_from_the_call_to_the_subscriber_and_none_of_an_unsampled_call()
    {
        using var client = Exporting();
        using var feed = new EventService.EventServiceClient(platform.Municipality(Amsterdam)).Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        while (await feed.ResponseStream.MoveNext(Cancel) && feed.ResponseStream.Current.MessageCase != SubscribeResponse.MessageOneofCase.CaughtUp)
        {
        }

        // Recorded by nobody: the logs carry the trace all the same, over the call that the reaction made too.
        using var unsampled = new Activity("an unsampled call").Start();
        await AskAsync("burger-11");
        unsampled.Stop();
        Assert.All(await FollowedAsync(feed, unsampled.TraceId), found => Assert.EndsWith("-00", found.Traceparent, StringComparison.Ordinal));

        using var sampled = Source.StartActivity("a citizen asks")!;
        await AskAsync("burger-12");
        sampled.Stop();
        var events = await FollowedAsync(feed, sampled.TraceId);
        await SpansAsync(sampled, live: true);

        var opened = Assert.Single(Spans(sampled), span => span is { Name: "apply advice-requested", Service: "municipalities" });
        Assert.Equal(opened.Traceparent, events[1].Traceparent);
        Assert.DoesNotContain(Collector.Spans, span => span.TraceId == unsampled.TraceId.ToString());
        // What nobody's call asked for is no trace.
        Assert.DoesNotContain(Collector.Spans, span => span.ParentId.Length == 0 && (span.Tags.ContainsKey("beschutwerk.service") || span.Name.Contains("ReadEvents", StringComparison.Ordinal)));
    }

    /// <summary>A provider that exports what this process does as a client.</summary>
    private protected TracerProvider Exporting() => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService(Client)).AddSource(Source.Name, "Grpc.Net.Client").AddHttpClientInstrumentation()
        .AddOtlpExporter(otlp => (otlp.Endpoint, otlp.Protocol, otlp.BatchExportProcessorOptions.ScheduledDelayMilliseconds) = (new Uri(Collector.Endpoint + "/v1/traces"), OtlpExportProtocol.HttpProtobuf, 200))
        .Build();

    private protected static Activity Begin(string name) => Source.StartActivity(name)!;

    /// <summary>A citizen asks UWV, and agrees that their municipality hears of it at once.</summary>
    private protected async Task AskAsync(string citizen)
    {
        var person = NewPerson();
        await new AdviceService.AdviceServiceClient(platform.Citizen(citizen, Amsterdam, person.Bsn)).RequestAdviceAsync(new AskUwv
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Wia, Kind = AdviceKind.First,
            ReceivedOn = On(1, 8), PriorContact = PriorContact.Consulted, SharedBeforeAdvice = true,
        });
    }

    /// <summary>Waits for the spans of the whole chain, and holds each to its parent.</summary>
    private protected async Task SpansAsync(Activity root, bool live)
    {
        string[] names = ["apply case-opened", "POST /beschutwerk.uwv.v1.AdviceService/GetAdviceRequest", .. live ? ["deliver case-opened"] : Array.Empty<string>(), .. OverBroker ? ["publish case-opened"] : Array.Empty<string>()];
        await BrokerTest.EventuallyAsync(
            () => Task.FromResult(names.All(name => Spans(root).Exists(span => span.Name == name)) && Spans(root).Count(span => span.Name == "apply advice-requested") >= 3
                && Spans(root).Count(span => span.Name == "apply case-opened") >= 2),
            () => string.Join('\n', Spans(root)));
        // Below the caller gRPC's span, HttpClient's, and the server's; beside them the client fetches a token.
        var cause = Assert.Single(Spans(root), span => span.Name.EndsWith("AdviceService/RequestAdvice", StringComparison.Ordinal));
        Assert.Equal(root.SpanId.ToString(), Above(Above(cause)).ParentId);

        // UWV commits, and its event goes to everybody who follows it; the municipality's case does the same.
        Assert.Contains(Below(cause), span => span is { Name: "store commit", Service: "uwv" });
        Holds(cause, "advice-requested", "uwv", ["insight", "municipalities", "uwv"], live);
        var applied = Assert.Single(Below(cause), span => span is { Name: "apply advice-requested", Service: "municipalities" });
        Holds(applied, "case-opened", "municipalities", ["insight", "uwv"], live);

        // What the municipality asked UWV before it applied the event; again, when one of them died meanwhile.
        var prepared = Below(cause).Where(span => span is { Name: "prepare advice-requested", Service: "municipalities" }).Select(span => span.Id).ToList();
        var asked = Spans(root).Where(span => span.Name.EndsWith("AdviceService/GetAdviceRequest", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(asked);
        Assert.All(asked, span => Assert.Contains(Above(Above(span)).ParentId, prepared));
    }

    private protected List<Span> Spans(Activity root) => [.. Collector.Spans.Where(span => span.TraceId == root.TraceId.ToString()).DistinctBy(span => span.Id)];

    private Span Above(Span child) => Assert.Single(Collector.Spans.DistinctBy(span => span.Id), span => span.TraceId == child.TraceId && span.Id == child.ParentId);

    private List<Span> Below(Span parent) => [.. Collector.Spans.Where(span => span.TraceId == parent.TraceId && span.ParentId == parent.Id).DistinctBy(span => span.Id)];

    /// <summary>Below its cause an event is published once, applied by who follows it and delivered to the subscriber.</summary>
    private void Holds(Span cause, string name, string producer, string[] followers, bool live)
    {
        var below = Below(cause);
        Assert.Equal(followers, below.Where(span => span.Name == "apply " + name).Select(span => span.Service).Order());
        Assert.All(below.Where(span => span.Name == "apply " + name), span => Assert.Equal(Amsterdam, span.Tags["beschutwerk.origin"]));
        if (live) Assert.Equal("municipality:" + Amsterdam, Assert.Single(below, span => span.Name == "deliver " + name).Tags["beschutwerk.subscriber"]);
        // After a crash it may be published again; consumers know what they have.
        Assert.Equal(OverBroker, below.Exists(span => span.Name == "publish " + name && span.Service == producer));
    }

    /// <summary>What the subscriber gets of a trace: UWV's event and the municipality's own.</summary>
    private static async Task<List<CloudEvent>> FollowedAsync(AsyncServerStreamingCall<SubscribeResponse> feed, ActivityTraceId trace)
    {
        var events = new List<CloudEvent>();
        while (events.Count < 2 && await feed.ResponseStream.MoveNext(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel))
        {
            // What was set up before may still come.
            if (feed.ResponseStream.Current.Event is { } found && found.Traceparent.Split('-') is [_, var id, ..] && id == trace.ToString()) events.Add(found);
        }

        Assert.Equal(["advice-requested", "case-opened"], events.Select(found => found.Type.Split('.')[^2]));
        return events;
    }
}

/// <summary>With everything in one process.</summary>
public sealed class TraceInOneProcessTests(TracedPlatform platform) : TraceFlow(platform), IClassFixture<TracedPlatform>
{
    internal override OtlpReceiver Collector => platform.Collector;

    protected override bool OverBroker => false;
}

/// <summary>With every service in a process of its own, which names itself, and RabbitMQ between them.</summary>
public sealed class TraceBetweenProcessesTests(TracedSplitPlatform platform) : TraceFlow(platform), IClassFixture<TracedSplitPlatform>
{
    internal override OtlpReceiver Collector => platform.Collector;

    [Fact]
    public async Task Who_died_in_between_continues_the_trace_and_each_process_says_which_it_is()
    {
        using var client = Exporting();
        foreach (var follower in new[] { "municipalities", "insight", "swcompanies" }) await platform.KillAsync(follower);
        using var root = Begin("a citizen asks");
        await AskAsync("burger-13");
        root.Stop();
        // What it did before it dies must have left the process, and is not done again: the call, and what UWV itself follows.
        await BrokerTest.EventuallyAsync(
            () => Task.FromResult(Spans(root).Exists(span => span.Process == "uwv" && span.Name.Contains("RequestAdvice", StringComparison.Ordinal)) && Spans(root).Exists(span => span is { Process: "uwv", Name: "apply advice-requested" })),
            "UWV's spans are exported");
        await platform.KillAsync("uwv");

        foreach (var service in new[] { "swcompanies", "insight", "municipalities", "uwv" }) platform.Start(service);
        await SpansAsync(root, live: false);

        Assert.All(Spans(root).Where(span => span.Tags.ContainsKey("beschutwerk.service")), span => Assert.Equal(span.Process, span.Service));
        await BrokerTest.EventuallyAsync(() => Task.FromResult(Processes().Count() >= 5), "every process sent metrics");
        Assert.Equal(["insight", "knowledge", "municipalities", "swcompanies", "uwv"], Processes());
        var sent = Collector.Points.Where(point => point.Process["service.name"] == "uwv").Select(point => point.Process).ToList();
        Assert.All(sent, process => Assert.True(process["service.version"].Length > 0 && process["service.namespace"] == "beschutwerk"));
        // One for each start.
        Assert.Equal(2, sent.Select(process => process["service.instance.id"]).Distinct().Count());

        IEnumerable<string> Processes() => Collector.Points.Select(point => point.Process["service.name"]).Distinct().Order();
    }
}

/// <summary>All services in this process; their telemetry goes to a receiver.</summary>
public sealed class TracedPlatform : InsightPlatform
{
    internal OtlpReceiver Collector { get; } = OtlpReceiver.StartAsync().GetAwaiter().GetResult();

    protected override PlatformOptions Configure(PlatformOptions options) => Collector.SentHere(base.Configure(options));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Collector.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The same with every service in a process of its own.</summary>
public sealed class TracedSplitPlatform(Broker broker) : SplitPlatform(broker)
{
    internal OtlpReceiver Collector { get; } = OtlpReceiver.StartAsync().GetAwaiter().GetResult();

    protected override PlatformOptions Configure(PlatformOptions options) => Collector.SentHere(base.Configure(options));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Collector.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
