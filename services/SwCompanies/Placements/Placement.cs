using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>A placement as it is in force; what was reported stands in its first version once it changed.</summary>
public sealed class Placement
{
    public Guid PlacementId { get; set; }

    public Guid CaseId { get; set; }

    public Guid OfferId { get; set; }

    /// <summary>The reporting sw-company; empty when the municipality reported.</summary>
    public string CompanyId { get; set; } = "";

    public string Employer { get; set; } = "";

    public EmployerSector Sector { get; set; }

    public string Workplace { get; set; } = "";

    public DateOnly StartOn { get; set; }

    public int MinutesPerWeek { get; set; }

    public ContractType ContractType { get; set; }

    /// <summary>Worked; <see cref="DateOnly.MaxValue"/> for none.</summary>
    public DateOnly LastDay { get; set; }

    public string Terms { get; set; } = "";

    public PlacementForm Form { get; set; }

    public long Version { get; set; }

    /// <summary>UNSPECIFIED while it runs.</summary>
    public EndReason EndReason { get; set; }

    public EndCause EndCause { get; set; }
}

/// <summary>What is in force from a day on, until the next version; never changed once written.</summary>
public sealed class PlacementVersion
{
    public Guid PlacementId { get; set; }

    public long Version { get; set; }

    public DateOnly FromOn { get; set; }

    public int MinutesPerWeek { get; set; }

    /// <summary>Worked; <see cref="DateOnly.MaxValue"/> for none.</summary>
    public DateOnly LastDay { get; set; }
}
