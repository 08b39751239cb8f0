using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo;

/// <summary>The municipalities and sw-companies take part, and sign their contracts.</summary>
internal sealed class Registration(ReferenceData reference, Parties parties, int sideBySide)
{
    /// <summary>Day of the letter, in whose division of municipalities its history is told.</summary>
    public static readonly DateOnly DayOfTheLetter = new(2018, 6, 15);

    // The Participatiewet began, and with it sheltered work.
    private static readonly DateOnly ContractsFrom = new(2015, 1, 1);

    public Task RegisterMunicipalitiesAsync(CancellationToken cancel)
    {
        var client = new TenantService.TenantServiceClient(parties.Operator);
        return ForEachAsync(reference.Municipalities, m => client.RegisterTenantAsync(
            new RegisterTenantRequest
            {
                Municipality = m.Code,
                RequestId = DemoIds.Of($"register {m.Code}"),
                Name = m.Name,
                Province = m.Province,
                LabourMarketRegion = m.LabourMarketRegion,
                LabourMarketRegionName = m.LabourMarketRegionName,
                RegisteredOn = DayOfTheLetter.ToDate(),
            },
            cancellationToken: cancel).ResponseAsync, cancel);
    }

    public async Task RegisterCompaniesAsync(CancellationToken cancel)
    {
        var client = new CompanyService.CompanyServiceClient(parties.Operator);
        await ForEachAsync(reference.Companies, company => client.RegisterCompanyAsync(
            new RegisterCompanyRequest
            {
                RequestId = DemoIds.Of($"register {company.Id}"),
                CompanyId = company.Id,
                Name = company.Name,
                LabourMarketRegion = company.LabourMarketRegion,
                RegisteredOn = DayOfTheLetter.ToDate(),
            },
            cancellationToken: cancel).ResponseAsync, cancel);

        var contracts = reference.Companies.SelectMany(company => company.Serves, (company, municipality) => (company.Id, Municipality: municipality));
        await ForEachAsync(contracts, contract => new CompanyService.CompanyServiceClient(parties.Municipality(contract.Municipality)).SignContractAsync(
            new SignContractRequest
            {
                Municipality = contract.Municipality,
                RequestId = DemoIds.Of($"contract {contract.Municipality} {contract.Id}"),
                CompanyId = contract.Id,
                SignedOn = ContractsFrom.ToDate(),
                StartOn = ContractsFrom.ToDate(),
            },
            cancellationToken: cancel).ResponseAsync, cancel);
    }

    private Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> act, CancellationToken cancel) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = sideBySide, CancellationToken = cancel }, async (item, _) => await act(item));
}
