using System.Collections.Concurrent;
using System.Net;
using System.Text;
using BeschutWerk.Host;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Platform.Tests.TelemetryTests;

/// <summary>An OTLP endpoint (HTTP, protobuf) as a collector has it, on loopback: what any process sent, from its bytes on.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<byte[]> _traces = new();
    private readonly ConcurrentQueue<byte[]> _metrics = new();
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Endpoint => _app.Urls.Single();

    /// <summary>Settings, or variables of the environment, that send a process's telemetry here, without much delay.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        new("OTEL_EXPORTER_OTLP_ENDPOINT", Endpoint), new("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        new("OTEL_BSP_SCHEDULE_DELAY", "200"), new("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
    ];

    public PlatformOptions SentHere(PlatformOptions options) => options with { Settings = new Dictionary<string, string?>(options.Settings.Concat(Settings)) };

    /// <summary>The spans so far.</summary>
    public List<Span> Spans => [.. _traces.SelectMany(Span.Read)];

    /// <summary>The points of the metrics so far, oldest first.</summary>
    public List<Point> Points => [.. _metrics.SelectMany(Point.Read)];

    /// <summary>Everything that was sent, as it came.</summary>
    public IEnumerable<byte[]> Bodies => _traces.Concat(_metrics);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", (HttpRequest request) => KeepAsync(request, receiver._traces));
        app.MapPost("/v1/metrics", (HttpRequest request) => KeepAsync(request, receiver._metrics));
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<IResult> KeepAsync(HttpRequest request, ConcurrentQueue<byte[]> bodies)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        bodies.Enqueue(body.ToArray());
        // An empty answer of OTLP says that all was taken.
        return Results.Bytes([], "application/x-protobuf");
    }
}

/// <summary>A span as it was exported.</summary>
/// <param name="Process">The resource's <c>service.name</c>.</param>
internal sealed record Span(string Process, string Name, string TraceId, string Id, string ParentId, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Links)
{
    /// <summary>The service that it says it is of; the process's, where it does not.</summary>
    public string Service => Tags.GetValueOrDefault("beschutwerk.service", Process);

    public string Traceparent => $"00-{TraceId}-{Id}-01";

    // Field numbers of opentelemetry/proto/collector/trace/v1 and trace/v1.
    public static IEnumerable<Span> Read(byte[] request) =>
        from resource in Otlp.Messages(request, 1)
        let process = Otlp.ResourceOf(resource)["service.name"]
        from scope in Otlp.Messages(resource, 2)
        from span in Otlp.Messages(scope, 2)
        select new Span(
            process, Otlp.Text(span, 5), Otlp.Hex(span, 1), Otlp.Hex(span, 2), Otlp.Hex(span, 4), Otlp.Attributes(span, 9),
            [.. Otlp.Messages(span, 13).Select(link => $"{Otlp.Hex(link, 1)}/{Otlp.Hex(link, 2)}")]);
}

/// <summary>A point of a metric as it was exported.</summary>
/// <param name="Process">The resource's attributes.</param>
/// <param name="Scope">The meter.</param>
/// <param name="Value">Of a gauge or sum; the count of a histogram.</param>
internal sealed record Point(IReadOnlyDictionary<string, string> Process, string Scope, string Metric, IReadOnlyDictionary<string, string> Tags, double Value)
{
    // Field numbers of opentelemetry/proto/collector/metrics/v1 and metrics/v1.
    public static IEnumerable<Point> Read(byte[] request) =>
        from resource in Otlp.Messages(request, 1)
        from scope in Otlp.Messages(resource, 2)
        from metric in Otlp.Messages(scope, 2)
        from kind in new[] { (Field: 5, Tags: 7), (Field: 7, Tags: 7), (Field: 9, Tags: 9) }
        from data in Otlp.Messages(metric, kind.Field)
        from point in Otlp.Messages(data, 1)
        select new Point(
            Otlp.ResourceOf(resource), Otlp.Messages(scope, 1).Select(of => Otlp.Text(of, 1)).FirstOrDefault(""), Otlp.Text(metric, 1), Otlp.Attributes(point, kind.Tags), Otlp.Number(point, 4, 6));
}

/// <summary>Reads the little of protobuf that OTLP needs, by field number.</summary>
internal static class Otlp
{
    public static IEnumerable<byte[]> Messages(byte[] message, int field) => Fields(message).Where(found => found.Number == field).Select(found => found.Value);

    public static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Messages(message, field).FirstOrDefault([]));

    public static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Messages(message, field).FirstOrDefault([]));

    /// <summary>A number: one of these fields, a double or a fixed64.</summary>
    public static double Number(byte[] message, int asDouble, int asInteger) =>
        Messages(message, asInteger).Select(value => (double)BitConverter.ToInt64(value)).Concat(Messages(message, asDouble).Select(value => BitConverter.ToDouble(value))).FirstOrDefault();

    public static Dictionary<string, string> ResourceOf(byte[] resource) => Attributes(Messages(resource, 1).Single(), 1);

    public static Dictionary<string, string> Attributes(byte[] message, int field) =>
        Messages(message, field).ToDictionary(pair => Text(pair, 1), pair => Text(Messages(pair, 2).Single(), 1));

    private static IEnumerable<(int Number, byte[] Value)> Fields(byte[] message)
    {
        var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited: yield return (WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray()); break;
                case WireFormat.WireType.Fixed64: yield return (WireFormat.GetTagFieldNumber(tag), BitConverter.GetBytes(input.ReadFixed64())); break;
                default: input.SkipLastField(); break;
            }
        }
    }
}
