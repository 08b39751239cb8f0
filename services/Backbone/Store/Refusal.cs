using System.Collections.Frozen;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Why something may not happen, as a value: rules return it, use cases throw it, one interceptor turns it into a status.
/// </summary>
/// <param name="Reason">The named reason.</param>
/// <param name="Message">What was wrong, in English, for developers. No personal data.</param>
public sealed record Refusal(ErrorReason Reason, string Message)
{
    private static readonly FrozenDictionary<ErrorReason, StatusCode> Codes = ErrorReasonReflection.Descriptor.EnumTypes
        .Single(type => type.ClrType == typeof(ErrorReason)).Values
        .ToFrozenDictionary(value => (ErrorReason)value.Number, value => CodeNamed(value.GetOptions().GetExtension(RulesExtensions.Meaning).Status));

    /// <summary>Fields that break their rule, for INVALID_ARGUMENT.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; init; } = [];

    /// <summary>Machine-readable detail, such as the current version.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>When to try again, of what is transient.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The status code that the contract gives the reason.</summary>
    public StatusCode Code => Codes[Reason];

    /// <summary>
    /// Whether who waits as long as they are told is most likely served. Not so on a full disk: somebody must make room first.
    /// </summary>
    public bool PassesByItself => Reason is ErrorReason.WriteQueueFull or ErrorReason.RateLimited;

    /// <summary>Whether the same call may succeed later without a change.</summary>
    public bool IsTransient => Code is StatusCode.ResourceExhausted or StatusCode.Unavailable;

    /// <summary>A refusal for a reason.</summary>
    public static Refusal Of(ErrorReason reason, string message) => new(reason, message);

    /// <summary>Nothing with that id that this caller may know of.</summary>
    public static Refusal NotFound(string what) => new(ErrorReason.NotFound, $"No such {what}.");

    /// <summary>Unknown and somebody else's look the same.</summary>
    public static Refusal UnknownTenant() => Of(ErrorReason.MunicipalityNotFound, "No such municipality.");

    /// <summary>The request_id was used with another body, or by another caller.</summary>
    public static Refusal RequestIdReused() => new(ErrorReason.RequestIdReused, "This request_id was used before with another request.");

    /// <summary>What was sent is no message of this call.</summary>
    public static Refusal Unreadable() => new(ErrorReason.MessageUnreadable, "The body is no message of this call.");

    /// <summary>The message is longer than any may be.</summary>
    public static Refusal TooLarge() => new(ErrorReason.MessageTooLarge, "A message has at most 4 MB.");

    /// <summary>One or more fields break their rule.</summary>
    public static Refusal Fields(IReadOnlyList<FieldViolation> violations) =>
        new(ErrorReason.InvalidFields, $"{violations.Count} field(s) break their rule.") { Violations = violations };

    /// <summary>To throw from a use case.</summary>
    public RefusalException ToException() => new(this);

    /// <summary>As gRPC writes it: <c>FAILED_PRECONDITION</c>.</summary>
    private static StatusCode CodeNamed(string name) => Enum.Parse<StatusCode>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}

/// <summary>A refusal on its way to the caller.</summary>
public sealed class RefusalException(Refusal refusal) : Exception(refusal.Message)
{
    /// <summary>The refusal.</summary>
    public Refusal Refusal { get; } = refusal;
}

/// <summary>What a rule answers: what happens, or why it may not.</summary>
/// <typeparam name="T">What happens, usually an event.</typeparam>
public readonly struct Ruling<T>
{
    private readonly T? _value;

    private Ruling(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Why it may not happen; null when it may.</summary>
    public Refusal? Refusal { get; }

    /// <summary>Whether it may not happen.</summary>
    public bool IsRefused => Refusal is not null;

    /// <summary>What happens.</summary>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"Refused: {Refusal.Reason}.");

    /// <summary>What happens, or the refusal as an exception.</summary>
    public T OrThrow() => Refusal is null ? _value! : throw Refusal.ToException();

    /// <summary>It may happen.</summary>
    public static implicit operator Ruling<T>(T value) => new(value, null);

    /// <summary>It may not.</summary>
    public static implicit operator Ruling<T>(Refusal refusal) => new(default, refusal);
}
