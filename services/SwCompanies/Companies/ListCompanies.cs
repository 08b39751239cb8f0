using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>The companies by id.</summary>
internal static class ListCompanies
{
    public static ListCompaniesResponse Run(ListCompaniesRequest request, ReadSession<SwCompaniesPlatformStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var after = page.After("");
        var found = session.Store.Companies
            .FromSqlInterpolated($"SELECT * FROM companies WHERE company_id > {after}")
            .OrderBy(company => company.CompanyId).Take(page.Limit).ToList();
        var (companies, next) = page.Cut(found, company => company.CompanyId);
        return new ListCompaniesResponse { Companies = { companies.Select(company => company.ToMessage()) }, NextPageToken = next };
    }
}
