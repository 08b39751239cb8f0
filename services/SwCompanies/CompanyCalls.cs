using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;

namespace BeschutWerk.SwCompanies;

/// <summary>CompanyService: which use case runs in which session.</summary>
public sealed class CompanyCalls(Calls<SwCompanyStore, SwCompaniesPlatformStore> calls) : CompanyService.CompanyServiceBase
{
    public override Task<RegisterCompanyResponse> RegisterCompany(RegisterCompanyRequest request, ServerCallContext context) =>
        calls.WritePlatform(request, context, Companies.RegisterCompany.Run, Companies.RegisterCompany.CheckFields);

    public override Task<GetCompanyResponse> GetCompany(GetCompanyRequest request, ServerCallContext context) => calls.ReadPlatform(request, context, Companies.GetCompany.Run);

    public override Task<ListCompaniesResponse> ListCompanies(ListCompaniesRequest request, ServerCallContext context) => calls.ReadPlatform(request, context, Companies.ListCompanies.Run);

    public override Task<SignContractResponse> SignContract(SignContractRequest request, ServerCallContext context) => calls.Write(request, context, Companies.SignContract.Prepare, Companies.SignContract.Run);

    public override Task<EndContractResponse> EndContract(EndContractRequest request, ServerCallContext context) => calls.Write(request, context, Companies.EndContract.Run);
}
