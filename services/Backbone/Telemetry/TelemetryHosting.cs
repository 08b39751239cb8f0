using System.Diagnostics;
using System.Reflection;
using BeschutWerk.Backbone.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BeschutWerk.Backbone.Telemetry;

/// <summary>Adds OpenTelemetry to a process.</summary>
internal static class TelemetryHosting
{
    /// <summary>
    /// Traces and metrics, sent to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> when that is set. OpenTelemetry's other variables hold too,
    /// such as <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c>.
    /// </summary>
    /// <param name="builder">The process.</param>
    /// <param name="process">Name of its service, or <c>host</c> for all of them; spans and metrics carry the service besides.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder, string process)
    {
        builder.Services.AddSingleton<DistributedContextPropagator, TraceParentOnly>();
        // Otherwise OpenTelemetry reads the rest of a call's trace context all the same, and baggage with it.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var otlp = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(process, serviceNamespace: "beschutwerk", Version, autoGenerateServiceInstanceId: true)
            // Last, so that an operator's OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win.
            .AddEnvironmentVariableDetector());
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Instruments.Name).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation();
            if (otlp) metrics.AddOtlpExporter();
        });
        // Spans cost something even when nobody reads them: traced when there is somewhere to send them.
        if (!otlp && builder.Configuration["Telemetry:Tracing"] != "true") return;
        telemetry.WithTracing(tracing =>
        {
            // gRPC's client puts a span of its own around HttpClient's: without its source, spans would have a parent that nobody sent.
            tracing.AddSource(Instruments.Name, "Grpc.Net.Client").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation();
            if (otlp) tracing.AddOtlpExporter();
        });
    }

    private static string Version => typeof(TelemetryHosting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
