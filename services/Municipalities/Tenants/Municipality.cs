using BeschutWerk.Backbone.Tenancy;

namespace BeschutWerk.Municipalities.Tenants;

/// <summary>What registration told of a municipality; its name and whether it takes part stand in <see cref="TenantRow"/>.</summary>
public sealed class Municipality
{
    public required string Code { get; init; }

    public required string Province { get; init; }

    public required int LabourMarketRegion { get; init; }

    public required string LabourMarketRegionName { get; init; }

    public required DateOnly RegisteredOn { get; init; }

    /// <summary>Day of the latest registration, suspension or resumption: the next change cannot lie before it.</summary>
    public required DateOnly ChangedOn { get; set; }

    public string SuspensionReason { get; set; } = "";
}

/// <summary>A row of the table of tenants that every platform store has.</summary>
public sealed class TenantRow
{
    public required string Code { get; init; }

    public required string Name { get; init; }

    public required TenantStanding State { get; set; }

    public required long Version { get; set; }
}
