namespace BeschutWerk.SwCompanies.Companies;

/// <summary>What municipality and company agreed: placements may start from its first day to its last.</summary>
public sealed class Contract
{
    public Guid ContractId { get; set; }

    public string CompanyId { get; set; } = "";

    public DateOnly SignedOn { get; set; }

    public DateOnly StartOn { get; set; }

    /// <summary><see cref="DateOnly.MaxValue"/> while nobody ended it.</summary>
    public DateOnly LastDay { get; set; }
}
