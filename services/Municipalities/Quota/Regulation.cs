using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>A ministerial regulation that sets numbers for a year (10b lid 4), as imported.</summary>
public sealed class Regulation
{
    public required Guid RegulationId { get; init; }

    public required int Year { get; init; }

    public required CountingUnit CountingUnit { get; init; }

    public required string Source { get; init; }

    public required int StatedTotal { get; init; }

    public required DateOnly PublishedOn { get; init; }

    public required DateOnly EffectiveFrom { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>The number of one municipality in the division of the publication.</summary>
public sealed class RegulationNumber
{
    public required Guid RegulationId { get; init; }

    public required string Code { get; init; }

    public required int Number { get; init; }

    public required QuotaOrigin Origin { get; init; }
}

/// <summary>What a tenant store was given of a regulation.</summary>
public sealed class AppliedNumber
{
    public required Guid RegulationId { get; init; }

    public required string Code { get; init; }

    public required int Number { get; set; }

    public required QuotaOrigin Origin { get; set; }
}
