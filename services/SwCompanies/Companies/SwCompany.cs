using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>A sw-company (sociaal werkbedrijf).</summary>
public sealed class SwCompany
{
    public string CompanyId { get; set; } = "";

    public string Name { get; set; } = "";

    public int LabourMarketRegion { get; set; }

    public DateOnly RegisteredOn { get; set; }

    /// <summary>As it stands in the contract.</summary>
    public Company ToMessage() => new()
    {
        CompanyId = CompanyId,
        Name = Name,
        LabourMarketRegion = LabourMarketRegion,
        RegisteredOn = RegisteredOn.ToDate(),
    };
}
