using System.Diagnostics;
using System.Reflection;
using BeschutWerk.Backbone.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BeschutWerk.Identity;

/// <summary>OpenTelemetry where the token server is a process of its own; beside the services, theirs covers it.</summary>
internal static class IdentityTelemetry
{
    /// <summary>Of this program, with its commit: <c>0.1.0+0123abc…</c>.</summary>
    public static string Version => typeof(IdentityTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Traces and metrics of its requests, sent to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; without that nothing is recorded.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;
        builder.Services.AddSingleton<DistributedContextPropagator, TraceParentOnly>();
        // Otherwise OpenTelemetry reads the rest of a call's trace context all the same, and baggage with it.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        builder.Services.AddOpenTelemetry()
            // The detector last, so that an operator's OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win.
            .ConfigureResource(resource => resource.AddService("identity", serviceNamespace: "beschutwerk", Version, autoGenerateServiceInstanceId: true).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(ReachedLimits.MeterName).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddOtlpExporter())
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddOtlpExporter());
    }
}
