using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>A refusal as <c>google.rpc.Status</c>, and back.</summary>
public static class RefusalStatus
{
    /// <summary>Domain of every reason.</summary>
    public const string Domain = "beschutwerk.nl";

    /// <summary>Where gRPC's own clients look for when to try again; whoever reads details finds the same in RetryInfo.</summary>
    private const string Pushback = "grpc-retry-pushback-ms";

    /// <summary>Trailers are bounded by clients and proxies; more violations than this are counted, not listed.</summary>
    private const int MostViolations = 50;

    /// <summary>The exception that carries the refusal to the client.</summary>
    public static RpcException ToRpcException(this Refusal refusal)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = NameOf(refusal.Reason) };
        info.Metadata.Add(refusal.Metadata.ToDictionary());
        var status = new Google.Rpc.Status
        {
            Code = (int)refusal.Code,
            Message = refusal.Message,
            Details = { Any.Pack(info), Any.Pack(new LocalizedMessage { Locale = "nl", Message = RefusalTexts.Dutch(refusal.Reason) }) },
        };
        if (refusal.Violations.Count > 0)
        {
            var listed = refusal.Violations.Take(MostViolations)
                .Select(violation => new BadRequest.Types.FieldViolation { Field = violation.Field, Description = violation.Description });
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { listed } }));
        }

        if (refusal.IsTransient) status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(refusal.RetryAfter) }));
        var exception = status.ToRpcException();
        if (refusal.PassesByItself) exception.Trailers.Add(Pushback, Milliseconds(refusal.RetryAfter));
        return exception;
    }

    /// <summary>What a client is told of an error that nobody foresaw: only where to find it.</summary>
    public static RpcException Unexpected(Activity? activity) => (Refusal.Of(ErrorReason.Unexpected, "Something unexpected happened.") with
    {
        Metadata = new Dictionary<string, string> { ["trace_id"] = activity?.TraceId.ToString() ?? "" },
    }).ToRpcException();

    /// <summary>The reason that a failed call carries; UNSPECIFIED when it carries none.</summary>
    public static ErrorReason ReasonOf(RpcException exception) =>
        ReasonOf(exception.GetRpcStatus());

    /// <summary>The reason in the trailer of a failed call, as it travels.</summary>
    internal static ErrorReason ReasonOf(string trailer) => ReasonOf(Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(trailer)));

    private static ErrorReason ReasonOf(Google.Rpc.Status? status) =>
        status?.GetDetail<ErrorInfo>() is { Domain: Domain } info ? Reasons.GetValueOrDefault(info.Reason) : ErrorReason.Unspecified;

    /// <summary>The refusal of one item of a stream.</summary>
    public static ItemRefusal ToItem(this Refusal refusal) => new()
    {
        Reason = refusal.Reason,
        Message = RefusalTexts.Dutch(refusal.Reason),
        Violations = { refusal.Violations },
    };

    private static string Milliseconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);

    private static readonly Dictionary<string, ErrorReason> Reasons = System.Enum.GetValues<ErrorReason>().ToDictionary(NameOf);

    /// <summary>A reason as it stands in errors, such as <c>NOT_FOUND</c>.</summary>
    public static string NameOf(ErrorReason reason) =>
        ErrorReasonReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)reason).Name["ERROR_REASON_".Length..];
}
