using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.TestProcesses;
using Grpc.Core;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>One trace from the caller over the commit to what another service made of it.</summary>
public sealed class TraceTests : NotesTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_commit_and_application_are_one_trace_and_an_unsampled_one_breaks_nothing(bool sampled)
    {
        var spans = new Exported();
        var host = await ServeAsync(options => Exporting(options, spans) with
        {
            Readers = service => service.Tenant.On<CaseOpened>("municipalities", (_, received, session) =>
            {
                session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject });
                session.Raise(new CaseDetermined(), received.Subject);
            }),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        var client = new TenantService.TenantServiceClient(Operator(host));

        using var cause = new Activity("the caller").Start();
        if (sampled) cause.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        await client.SuspendTenantAsync(new SuspendTenantRequest
        {
            Municipality = Amsterdam, RequestId = Ids.New().Text(), Reason = "note", SuspendedOn = new DateOnly(2018, 6, 15).ToDate(),
        });
        var trace = cause.TraceId.ToString();
        cause.Stop();
        await Eventually(() => host.Seen(tenant).Count == 1, "the event is applied");

        // The log says it, whether anybody records spans or not.
        var raised = host.Log(tenant).Single().Event;
        var reaction = host.Readers.Feed(tenant).ReadOwnAfter(0, 10).Single().Event;
        Assert.Equal(trace, TraceOf(raised.Traceparent));
        Assert.Equal(trace, TraceOf(reaction.Traceparent));
        Assert.EndsWith(sampled ? "-01" : "-00", raised.Traceparent, StringComparison.Ordinal);

        string[] Names() => [.. spans.Where(span => span.TraceId == cause.TraceId).Select(span => span.DisplayName)];
        if (!sampled)
        {
            Assert.Empty(Names());
            return;
        }

        await Eventually(() => Names().Contains("apply case-opened"), "the application is exported");
        Assert.Contains(Names(), name => name.Contains("SuspendTenant", StringComparison.Ordinal));
        Assert.Contains("store commit", Names());
        var applied = spans.Single(span => span.TraceId == cause.TraceId && span.DisplayName == "apply case-opened");
        Assert.Equal(raised.Traceparent, applied.ParentId);
        Assert.Equal(applied.Id, reaction.Traceparent);
    }

    [Fact]
    public async Task Who_starts_after_a_crash_applies_below_the_call_that_the_dead_process_answered_nobody()
    {
        var ports = (FreePort.Next(), FreePort.Next());
        // Dies with the event stored and nobody told; how many commits come before is not ours to know.
        var child = ChildProcess.Start("serve", Folder, ports, "before-wake:4");
        await using var ended = child;
        var client = (await CrashTests.ConnectAsync(child, ports))!;
        await new TenantService.TenantServiceClient(client).RegisterTenantAsync(new RegisterTenantRequest
        {
            Municipality = Amsterdam, RequestId = Ids.New().Text(), Name = "Amsterdam", Province = "Noord-Holland",
            LabourMarketRegion = 1, LabourMarketRegionName = "Groot Amsterdam", RegisteredOn = new DateOnly(2018, 6, 15).ToDate(),
        });
        var last = default(ActivityTraceId);
        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                using var cause = new Activity("the caller") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
                last = cause.TraceId;
                await new TenantService.TenantServiceClient(client).SuspendTenantAsync(new SuspendTenantRequest
                {
                    Municipality = Amsterdam, RequestId = Ids.New().Text(), Reason = $"note {i}", SuspendedOn = new DateOnly(2018, 6, 15).ToDate(),
                });
            }
        });

        var spans = new Exported();
        var host = await StartAsync(options => Exporting(options, spans));
        var raised = host.Log(TenantId.Parse(Amsterdam))[^1].Event;
        Assert.Equal(last.ToString(), TraceOf(raised.Traceparent));
        await Eventually(() => spans.Any(span => span.TraceId == last && span.DisplayName == "apply case-opened"), "it is applied");
        Assert.Equal(raised.Traceparent, spans.Single(span => span.TraceId == last && span.DisplayName == "apply case-opened").ParentId);
    }

    [Fact]
    public async Task What_the_tracing_of_a_caller_adds_to_its_context_is_neither_stored_nor_exported_nor_passed_on()
    {
        var spans = new Exported();
        var host = await ServeAsync(options => Exporting(options, spans) with
        {
            Readers = service => service.Tenant.On<CaseOpened>("municipalities", (_, received, session) => session.Raise(new CaseDetermined(), received.Subject)),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        using var cause = new Activity("the caller") { TraceStateString = "naam=jansen", ActivityTraceFlags = ActivityTraceFlags.Recorded };
        cause.AddBaggage("bsn", "jansen").Start();
        await new TenantService.TenantServiceClient(Operator(host)).SuspendTenantAsync(new SuspendTenantRequest
        {
            Municipality = Amsterdam, RequestId = Ids.New().Text(), Reason = "note", SuspendedOn = new DateOnly(2018, 6, 15).ToDate(),
        });
        cause.Stop();
        List<Activity> Ours() => [.. spans.Where(span => span.TraceId == cause.TraceId && span.Kind != ActivityKind.Client)];
        await Eventually(() => Ours().Any(span => span.DisplayName == "apply case-opened"), "the application is exported");
        await Eventually(() => Ours().Any(span => span.Kind == ActivityKind.Server), "the call is exported");
        Assert.All(Ours(), span => Assert.Equal((null, 0), (span.TraceStateString, span.Baggage.Count())));
        await host.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("jansen"u8) < 0, $"{Path.GetFileName(file)} holds it.");
        }
    }

    private static NotesOptions Exporting(NotesOptions options, Exported spans) => options with
    {
        Before = builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Telemetry:Tracing"] = "true" }),
        Adjust = builder => OpenTelemetryDependencyInjectionTracingServiceCollectionExtensions.ConfigureOpenTelemetryTracerProvider(builder.Services, tracing => tracing.AddInMemoryExporter(spans)),
    };

    private static string TraceOf(string traceparent) => ActivityContext.Parse(traceparent, null).TraceId.ToString();

    /// <summary>Spans as they are exported, from any thread.</summary>
    private sealed class Exported : ICollection<Activity>
    {
        private readonly ConcurrentQueue<Activity> _spans = new();

        public int Count => _spans.Count;

        public bool IsReadOnly => false;

        public void Add(Activity item) => _spans.Enqueue(item);

        public void Clear() => _spans.Clear();

        public bool Contains(Activity item) => _spans.Contains(item);

        public void CopyTo(Activity[] array, int arrayIndex) => _spans.CopyTo(array, arrayIndex);

        public bool Remove(Activity item) => false;

        public IEnumerator<Activity> GetEnumerator() => _spans.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
