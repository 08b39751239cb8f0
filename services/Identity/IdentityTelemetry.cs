using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BeschutWerk.Identity;

/// <summary>OpenTelemetry where the token server is a process of its own; beside the services, theirs covers it.</summary>
internal static class IdentityTelemetry
{
    /// <summary>Traces and metrics of its requests, sent to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; without that nothing is recorded.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;
        var version = typeof(IdentityTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        builder.Services.AddOpenTelemetry()
            // The detector last, so that an operator's OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win.
            .ConfigureResource(resource => resource.AddService("identity", serviceNamespace: "beschutwerk", version, autoGenerateServiceInstanceId: true).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddOtlpExporter())
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddOtlpExporter());
    }
}
