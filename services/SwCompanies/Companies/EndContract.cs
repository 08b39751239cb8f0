using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>A contract ends; running placements stay, and their company may always amend and end them.</summary>
internal static class EndContract
{
    public static EndContractResponse Run(EndContractRequest request, WriteSession<SwCompanyStore> session)
    {
        var existing = session.Store.Contracts.Where(contract => contract.CompanyId == request.CompanyId).ToList();
        var contract = ContractRules.End(existing, request.LastDay.ToDateOnly()).OrThrow();
        contract.LastDay = request.LastDay.ToDateOnly();
        session.Raise(new ContractEnded { CompanyId = request.CompanyId, LastDay = request.LastDay }, request.CompanyId);
        return new EndContractResponse { ContractId = contract.ContractId.Text() };
    }
}
