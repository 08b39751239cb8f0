using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Amsterdam has two places.</summary>
public sealed class TwoPlacesPlatform : MunicipalityPlatform
{
    protected override async Task PopulateAsync()
    {
        foreach (var code in new[] { Amsterdam, Utrecht }) await Tenants.RegisterTenantAsync(Register(code));
        var regulation = Regulation();
        regulation.Numbers[0].Number = 2;
        regulation.StatedTotal = 90;
        await Quotas.ImportQuotaRegulationAsync(regulation);
        await new CompanyService.CompanyServiceClient(Operator()).RegisterCompanyAsync(
            new RegisterCompanyRequest { RequestId = NewId(), CompanyId = Company, Name = "Wedeka", LabourMarketRegion = 1, RegisteredOn = On(1, 1, 2015) });
        await new CompanyService.CompanyServiceClient(Municipality(Amsterdam)).SignContractAsync(
            new SignContractRequest { Municipality = Amsterdam, RequestId = NewId(), CompanyId = Company, SignedOn = On(1, 1, 2015), StartOn = On(1, 1, 2015) });
    }
}
