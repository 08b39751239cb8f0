using System.Buffers.Binary;
using BeschutWerk.TestProcesses;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Bench;

/// <summary>A collector that counts the spans which it is sent (OTLP over gRPC), and forgets them.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private const int FrameHeader = 5;

    private readonly WebApplication _app;
    private long _spans;

    private OtlpSink(WebApplication app, int port) => (_app, Address) = (app, $"http://127.0.0.1:{port}");

    public string Address { get; }

    public long Spans => Volatile.Read(ref _spans);

    public static async Task<OtlpSink> StartAsync()
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2));
        var sink = new OtlpSink(builder.Build(), port);
        sink._app.MapPost("/opentelemetry.proto.collector.{kind}.v1.{service}/Export", sink.TakeAsync);
        await sink._app.StartAsync();
        return sink;
    }

    /// <summary>Waits until nothing has come for longer than an exporter waits.</summary>
    public async Task QuietAsync()
    {
        var before = -1L;
        await Wait.UntilAsync(() => Task.FromResult(before == (before = Spans)), "no more spans come", TimeSpan.FromSeconds(6));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context, string kind)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = body.GetBuffer().AsMemory(FrameHeader, BinaryPrimitives.ReadInt32BigEndian(body.GetBuffer().AsSpan(1)));
        if (kind == "trace") Interlocked.Add(ref _spans, Count(request, depth: 0));
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[FrameHeader]); // an empty answer
        context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = "0";
    }

    /// <summary>ExportTraceServiceRequest.resource_spans (1) → ResourceSpans.scope_spans (2) → ScopeSpans.spans (2).</summary>
    private static int Count(ReadOnlyMemory<byte> message, int depth)
    {
        var (wanted, count) = (depth == 0 ? 1 : 2, 0);
        using var input = new CodedInputStream(message.ToArray());
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (tag != WireFormat.MakeTag(wanted, WireFormat.WireType.LengthDelimited)) input.SkipLastField();
            else if (depth == 2) (count, _) = (count + 1, input.ReadBytes());
            else count += Count(input.ReadBytes().Memory, depth + 1);
        }

        return count;
    }
}
