using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Host.Demo.History;

/// <summary>A person while the history is being made.</summary>
internal sealed class Draft
{
    public required Requester Requester { get; init; }

    /// <summary>UNSPECIFIED: undecided on the last day.</summary>
    public required Verdict Verdict { get; init; }
    public required DateOnly ReceivedOn { get; init; }
    public DateOnly? IssuedOn { get; init; }
    public Town Town { get; set; } = null!;

    /// <summary>Day on which the person would start if there is room; null for those who are reached last.</summary>
    public DateOnly? Due { get; set; }
    public DateOnly? DeterminedOn { get; set; }
    public Reservation? Offer { get; set; }
    public bool Accepted { get; set; }
    public DateOnly? AnsweredOn { get; set; }
    public DateOnly? StartOn { get; set; }
    public DateOnly? LastDay { get; set; }
    public DateOnly? AlternativeOn { get; set; }
    public DateOnly? DroppedOutOn { get; set; }
    public DropoutReason DropoutReason { get; set; }

    public bool IsWaiting => Verdict == Verdict.Positive && StartOn is null && AlternativeOn is null && DroppedOutOn is null;
}
