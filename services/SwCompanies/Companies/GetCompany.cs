using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>One company; companies are no secret.</summary>
internal static class GetCompany
{
    public static GetCompanyResponse Run(GetCompanyRequest request, ReadSession<SwCompaniesPlatformStore> session)
    {
        var company = session.Store.Companies.SingleOrDefault(company => company.CompanyId == request.CompanyId);
        return new GetCompanyResponse { Company = company?.ToMessage() ?? throw Refusal.NotFound("company").ToException() };
    }
}
