using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Numbers;

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

    /// <summary>What decides whether its numbers hold on a day.</summary>
    public Publication Publication => new(Year, PublishedOn, EffectiveFrom, RegulationId, RecordedAt);
}

/// <summary>The number of one municipality in the division of the publication.</summary>
public sealed class RegulationNumber
{
    public required Guid RegulationId { get; init; }

    public required string Code { get; init; }

    public required int Number { get; init; }

    public required QuotaOrigin Origin { get; init; }
}

/// <summary>What of the number of a municipality that was split counts for one of its successors.</summary>
public sealed class RegulationShare
{
    public required Guid RegulationId { get; init; }

    public required string Code { get; init; }

    public required string Successor { get; init; }

    public required int Number { get; init; }
}

/// <summary>What a tenant store was given of a regulation.</summary>
public sealed class AppliedNumber
{
    public required Guid RegulationId { get; init; }

    public required string Code { get; init; }

    public required int Number { get; set; }

    public required QuotaOrigin Origin { get; set; }

    /// <summary>Whether the event said when the regulation was published; those from before November 2026 did not.</summary>
    public required bool PublicationTold { get; set; }
}
