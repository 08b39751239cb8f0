namespace BeschutWerk.Sector.Numbers;

/// <summary>What of a regulation decides whether its number holds.</summary>
/// <param name="Year">Year of the stock (31 December).</param>
/// <param name="PublishedOn">Day of publication.</param>
/// <param name="EffectiveFrom">Day of the year from which the number holds; may be before publication.</param>
/// <param name="RegulationId">
/// The regulation, a UUIDv7: in the order in which regulations were imported. Empty for what was told before events named it.
/// </param>
/// <param name="RecordedAt">When the number was recorded for the municipality; a changed number of a regulation is recorded again.</param>
public readonly record struct Publication(
    int Year, DateOnly PublishedOn, DateOnly EffectiveFrom, Guid RegulationId, DateTimeOffset RecordedAt);
