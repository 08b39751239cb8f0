using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>A number of a regulation as applied to this municipality, successors included. A correction is a new row.</summary>
public sealed class AppliedQuota
{
    public long QuotaId { get; init; }

    public required Guid RegulationId { get; init; }

    public required int Year { get; init; }

    public required int Number { get; init; }

    public required CountingUnit CountingUnit { get; init; }

    public required QuotaOrigin Origin { get; init; }

    public required DateOnly PublishedOn { get; init; }

    public required DateOnly EffectiveFrom { get; init; }

    public required string Source { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }
}
