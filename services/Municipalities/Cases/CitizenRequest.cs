namespace BeschutWerk.Municipalities.Cases;

/// <summary>A citizen who asked UWV himself, until the advice makes a case of it. No person: only how the event names him.</summary>
public sealed class CitizenRequest
{
    public required Guid AdviceRequestId { get; init; }

    /// <summary>Actor of UWV's event, such as <c>citizen:…</c>.</summary>
    public required string Actor { get; init; }
}
