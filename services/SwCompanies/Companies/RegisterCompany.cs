using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>A sw-company takes part.</summary>
internal static class RegisterCompany
{
    public static void CheckFields(RegisterCompanyRequest request, FieldChecks checks) => PersonalData.Check(checks, ("name", request.Name));

    public static RegisterCompanyResponse Run(RegisterCompanyRequest request, WriteSession<SwCompaniesPlatformStore> session)
    {
        if (session.Store.Companies.Find(request.CompanyId) is not null)
        {
            throw Refusal.Of(ErrorReason.AlreadyRegistered, "A company with this id is registered.").ToException();
        }

        var company = new SwCompany
        {
            CompanyId = request.CompanyId,
            Name = request.Name,
            LabourMarketRegion = request.LabourMarketRegion,
            RegisteredOn = request.RegisteredOn.ToDateOnly(),
        };
        session.Store.Companies.Add(company);
        session.Raise(
            new CompanyRegistered
            {
                CompanyId = company.CompanyId,
                Name = company.Name,
                LabourMarketRegion = company.LabourMarketRegion,
                RegisteredOn = request.RegisteredOn,
            },
            company.CompanyId);
        return new RegisterCompanyResponse { Company = company.ToMessage() };
    }
}
