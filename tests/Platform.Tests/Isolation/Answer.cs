using System.Diagnostics;
using System.Text.RegularExpressions;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>What a call was answered.</summary>
/// <param name="Outcome">ANSWERED, or the reason of the refusal.</param>
/// <param name="Code">Its status.</param>
/// <param name="Bytes">All that came back: messages, or the status with its details.</param>
/// <param name="Text">The same to read, without what the request itself named.</param>
/// <param name="Trace">Trace id of the call.</param>
internal sealed partial record Answer(string Outcome, StatusCode Code, byte[] Bytes, string Text, string Trace)
{
    public const string Answered = "ANSWERED";

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create(bytes => bytes, bytes => bytes);

    public bool IsRefused => Outcome != Answered;

    /// <summary>Makes a call; of a feed the first message is read, of a stream that is sent every answer.</summary>
    public static async Task<Answer> OfAsync(MethodDescriptor method, CallInvoker caller, IMessage request, params IEnumerable<string> named)
    {
        using var cause = new Activity("isolation").Start();
        var trace = cause.TraceId.ToString();
        var options = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(60));
        var bytes = request.ToByteArray();
        try
        {
            var answer = await AnswerAsync(method, caller, bytes, options);
            var message = method.OutputType.Parser.ParseFrom(answer);
            // One item that is refused is the answer to it.
            var refusal = (message as ReportPlacementsResponse)?.Answers.FirstOrDefault()?.Refusal;
            var outcome = refusal is null ? Answered : RefusalStatus.NameOf(refusal.Reason);
            return new Answer(outcome, StatusCode.OK, answer, Plain(JsonFormatter.ToDiagnosticString(message), named), trace);
        }
        catch (RpcException refused)
        {
            var status = refused.GetRpcStatus() ?? new Google.Rpc.Status();
            var text = $"{refused.StatusCode} {refused.Status.Detail} {status.Message} {string.Join(' ', status.Details.Select(Told))}";
            var reason = RefusalStatus.NameOf(RefusalStatus.ReasonOf(refused));
            return new Answer(reason, refused.StatusCode, status.ToByteArray(), Plain(text, named), trace);
        }
    }

    private static string Told(Google.Protobuf.WellKnownTypes.Any detail) => $"{detail.TypeUrl} {detail.Value.ToStringUtf8()}";

    private static string Plain(string text, IEnumerable<string> named)
    {
        foreach (var value in named.Where(value => value.Length > 0)) text = text.Replace(value, "named", StringComparison.OrdinalIgnoreCase);
        // What was made for this very call.
        return Made().Replace(text, "made");
    }

    private static async Task<byte[]> AnswerAsync(MethodDescriptor method, CallInvoker caller, byte[] request, CallOptions options)
    {
        if (method.IsClientStreaming)
        {
            using var duplex = caller.AsyncDuplexStreamingCall(Of(MethodType.DuplexStreaming), null, options);
            await duplex.RequestStream.SendAsync(request);
            var all = new List<byte>();
            while (await duplex.ResponseStream.MoveNext(CancellationToken.None)) all.AddRange(duplex.ResponseStream.Current);
            return [.. all];
        }

        if (!method.IsServerStreaming) return await caller.AsyncUnaryCall(Of(MethodType.Unary), null, options, request);
        using var stream = caller.AsyncServerStreamingCall(Of(MethodType.ServerStreaming), null, options, request);
        return await stream.ResponseStream.MoveNext(CancellationToken.None) ? stream.ResponseStream.Current : [];

        Method<byte[], byte[]> Of(MethodType type) => new(type, method.Service.FullName, method.Name, Raw, Raw);
    }

    [GeneratedRegex("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^\"]*\"", RegexOptions.IgnoreCase)]
    private static partial Regex Made();
}
