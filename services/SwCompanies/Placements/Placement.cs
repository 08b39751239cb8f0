using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>
/// A placement as it was reported. Last day, end and version are what follows from all its versions
/// (<see cref="PlacementHistory"/>); they stand here so that one row answers who works on a day.
/// </summary>
public sealed class Placement
{
    public Guid PlacementId { get; set; }

    /// <summary>The id by which its company knows it, where another reporter had used that id before; null: <see cref="PlacementId"/>.</summary>
    public Guid? ReportedAs { get; set; }

    public Guid CaseId { get; set; }

    public Guid OfferId { get; set; }

    /// <summary>The reporting sw-company; empty when the municipality reported.</summary>
    public string CompanyId { get; set; } = "";

    public string Employer { get; set; } = "";

    public EmployerSector Sector { get; set; }

    public string Workplace { get; set; } = "";

    public DateOnly StartOn { get; set; }

    /// <summary>As reported.</summary>
    public int MinutesPerWeek { get; set; }

    public ContractType ContractType { get; set; }

    /// <summary>Worked: of the end, else the one agreed; <see cref="DateOnly.MaxValue"/> for none.</summary>
    public DateOnly LastDay { get; set; }

    public string Terms { get; set; } = "";

    public PlacementForm Form { get; set; }

    public long Version { get; set; }

    /// <summary>UNSPECIFIED while it runs.</summary>
    public EndReason EndReason { get; set; }

    public EndCause EndCause { get; set; }
}

/// <summary>What one version says: the report, an amendment, or how the placement ended. Never changed once written.</summary>
public sealed class PlacementVersion
{
    public Guid PlacementId { get; set; }

    public long Version { get; set; }

    /// <summary>First day of what it says; null when it is about the end.</summary>
    public DateOnly? FromOn { get; set; }

    /// <summary>From then; null when it says nothing of hours.</summary>
    public int? MinutesPerWeek { get; set; }

    /// <summary>Agreed from then, worked, <see cref="DateOnly.MaxValue"/> for none; null when it says nothing of it.</summary>
    public DateOnly? LastDay { get; set; }

    /// <summary>How it ended, UNSPECIFIED that it never did; null when it says nothing of the end.</summary>
    public EndReason? EndReason { get; set; }

    public EndCause? EndCause { get; set; }

    /// <summary>Worked; null unless it tells an end.</summary>
    public DateOnly? EndLastDay { get; set; }
}
