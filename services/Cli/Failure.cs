using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using Google.Rpc;
using Grpc.Core;

namespace BeschutWerk.Cli;

/// <summary>Why a command did not do what it was asked, for whoever typed it.</summary>
/// <param name="exitCode">What the program ends with.</param>
/// <param name="sentence">One sentence that says what to do about it, where that is known.</param>
internal sealed class Failure(int exitCode, string sentence) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;

    /// <summary><c>ErrorInfo.reason</c> of the refused call; empty when nothing answered.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Fields that break their rule.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    /// <summary>What the refusal says beside its reason, such as the fault or the trace id.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>();

    /// <summary>There is no such thing.</summary>
    public static Failure NotFound(string sentence) => new(Cli.ExitCode.Refused, sentence) { Reason = RefusalStatus.NameOf(ErrorReason.NotFound) };

    /// <summary>Whether it was refused for this reason.</summary>
    public bool Is(ErrorReason reason) => Reason == RefusalStatus.NameOf(reason);

    /// <summary>The same with one more detail.</summary>
    public Failure With(string name, string value) => new(ExitCode, Message) { Reason = Reason, Violations = Violations, Details = new Dictionary<string, string>(Details) { [name] = value } };

    /// <summary>A failed call, in words.</summary>
    /// <param name="service">Whom it asked.</param>
    /// <param name="address">Where.</param>
    public static Failure Of(RpcException error, string service, Uri address)
    {
        var status = error.GetRpcStatus();
        if (status?.GetDetail<ErrorInfo>() is { Domain: RefusalStatus.Domain } info)
        {
            return new Failure(Cli.ExitCode.Refused, status.Message)
            {
                Reason = info.Reason, Details = info.Metadata,
                Violations = [.. (status.GetDetail<BadRequest>()?.FieldViolations ?? []).Select(violation => new Violation(violation.Field, violation.Description))],
            };
        }

        return error.StatusCode switch
        {
            StatusCode.Unavailable => new Failure(Cli.ExitCode.OutOfReach, $"Nothing answers for {service} at {address}."),
            StatusCode.DeadlineExceeded => new Failure(Cli.ExitCode.OutOfReach, $"{service} at {address} did not answer in time."),
            StatusCode.Unimplemented => new Failure(Cli.ExitCode.Refused, $"What answers at {address} does not know this call: it is another program, or an older one."),
            _ => new Failure(Cli.ExitCode.Refused, $"{service} answered {error.StatusCode}: {error.Status.Detail}"),
        };
    }

    /// <summary>A field of a request and what is wrong with it.</summary>
    internal sealed record Violation(string Field, string Description);
}
