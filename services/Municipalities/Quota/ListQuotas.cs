using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Numbers;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>The numbers of the regulation that holds on 31 December of a year.</summary>
static class ListQuotas
{
    public static ListQuotasResponse Run(ListQuotasRequest request, ReadSession<MunicipalitiesStore> session)
    {
        var regulation = NumberRule.HoldingOn(
            session.Store.Regulations.Where(row => row.Year == request.Year).AsEnumerable(),
            row => row.Publication,
            new DateOnly(request.Year, 12, 31));
        if (regulation is null) return new ListQuotasResponse();

        var page = new ListPage(request, session.Caller);
        var after = page.After("");
        var found = session.Store.RegulationNumbers
            .Where(row => row.RegulationId == regulation.RegulationId && string.Compare(row.Code, after) > 0)
            .OrderBy(row => row.Code)
            .Take(page.Limit)
            .ToList();

        var (rows, next) = page.Cut(found, row => row.Code);
        return new ListQuotasResponse
        {
            Numbers = { rows.Select(row => new QuotaNumber { Municipality = row.Code, Number = row.Number, Origin = row.Origin }) },
            CountingUnit = regulation.CountingUnit,
            StatedTotal = regulation.StatedTotal,
            Source = regulation.Source,
            NextPageToken = next,
        };
    }
}
