using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>A municipality signs a contract, which opens its cases to the company.</summary>
internal static class SignContract
{
    /// <summary>Companies stand in the platform's store: looked up before the municipality's is written.</summary>
    public static async Task<bool> Prepare(SignContractRequest request, CallScope<SwCompanyStore, SwCompaniesPlatformStore> scope) =>
        await scope.ReadPlatformAsync(session => session.Store.Companies.Any(company => company.CompanyId == request.CompanyId));

    public static SignContractResponse Run(SignContractRequest request, bool companyExists, WriteSession<SwCompanyStore> session)
    {
        if (!companyExists) throw Refusal.NotFound("company").ToException();

        var existing = session.Store.Contracts.Where(contract => contract.CompanyId == request.CompanyId).ToList();
        var contract = ContractRules.Sign(existing, Ids.New(), request.CompanyId, request.SignedOn.ToDateOnly(), request.StartOn.ToDateOnly()).OrThrow();
        session.Store.Contracts.Add(contract);
        session.Raise(new ContractSigned { CompanyId = request.CompanyId, SignedOn = request.SignedOn, StartOn = request.StartOn }, request.CompanyId);
        // Told after a later one, it is over already.
        if (contract.LastDay != DateOnly.MaxValue)
        {
            session.Raise(new ContractEnded { CompanyId = request.CompanyId, LastDay = contract.LastDay.ToDate() }, request.CompanyId);
        }

        return new SignContractResponse { ContractId = contract.ContractId.Text() };
    }
}
