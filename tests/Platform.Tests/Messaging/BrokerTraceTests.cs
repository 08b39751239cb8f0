using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Platform.Tests.BackboneTests;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>One trace from the cause over the broker to what another service made of it, also when the process ended in between.</summary>
public sealed class BrokerTraceTests(Broker broker) : BrokerTest(broker)
{
    [Fact]
    public async Task Publishing_and_applying_stand_below_the_cause_also_after_a_restart()
    {
        // Written before there was a broker, by a process that is gone.
        var earlier = await StartAsync(options => options with { Readers = _ => { } });
        var tenant = await earlier.RegisterAsync(Amsterdam);
        string cause;
        using (var activity = new Activity("the cause"))
        {
            activity.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            activity.Start();
            cause = activity.Id!;
            await earlier.AddAsync(tenant, "note");
        }

        await earlier.DisposeAsync();
        var spans = new Spans();
        var host = await StartAsync(options => options with
        {
            Readers = NotesOptions.JustSee,
            Before = builder =>
            {
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Telemetry:Tracing"] = "true", ["Messaging:RabbitMq"] = Rabbit.Amqp.ToString() });
            },
            Adjust = builder => OpenTelemetryDependencyInjectionTracingServiceCollectionExtensions.ConfigureOpenTelemetryTracerProvider(
                builder.Services, tracing => tracing.AddProcessor(spans)),
        });
        await SeenAsync(host, tenant, 1);
        Assert.Equal(cause, host.Log(tenant)[0].Event.Traceparent);
        await Eventually(() => Named("publish case-opened").Count == 1 && Named("apply case-opened").Count == 1, "both spans ended");
        Assert.Equal(cause, Named("publish case-opened")[0].ParentId);
        Assert.Equal(cause, Named("apply case-opened")[0].ParentId);
        Assert.Equal(ActivityKind.Producer, Named("publish case-opened")[0].Kind);

        List<Activity> Named(string name) => [.. spans.Ended.Where(span => span.DisplayName == name && cause.Contains(span.TraceId.ToString(), StringComparison.Ordinal))];
    }

    private sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = new();

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }
}
