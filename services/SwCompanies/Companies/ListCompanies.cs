using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.SwCompanies.Companies;

/// <summary>The companies by id; the page token is the last id of the page before.</summary>
internal static class ListCompanies
{
    private const int DefaultPageSize = 100;

    public static ListCompaniesResponse Run(ListCompaniesRequest request, ReadSession<SwCompaniesPlatformStore> session)
    {
        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var page = session.Store.Companies
            .FromSqlInterpolated($"SELECT * FROM companies WHERE company_id > {request.PageToken}")
            .OrderBy(company => company.CompanyId).Take(size + 1).ToList();
        var more = page.Count > size;
        if (more) page.RemoveAt(size);
        return new ListCompaniesResponse
        {
            Companies = { page.Select(company => company.ToMessage()) },
            NextPageToken = more ? page[^1].CompanyId : "",
        };
    }
}
