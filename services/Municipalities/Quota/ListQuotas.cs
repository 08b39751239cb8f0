using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>The numbers of a year as last published. The page token is the last code of the page before.</summary>
static class ListQuotas
{
    private const int DefaultPageSize = 100;

    public static ListQuotasResponse Run(ListQuotasRequest request, ReadSession<MunicipalitiesStore> session)
    {
        // The few regulations of a year are put in order here: the one published last, and of those the one recorded last.
        var regulation = session.Store.Regulations.Where(row => row.Year == request.Year).AsEnumerable()
            .OrderBy(row => row.PublishedOn).ThenBy(row => row.RecordedAt).LastOrDefault();
        if (regulation is null) return new ListQuotasResponse();

        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var page = session.Store.RegulationNumbers
            .Where(row => row.RegulationId == regulation.RegulationId && string.Compare(row.Code, request.PageToken) > 0)
            .OrderBy(row => row.Code)
            .Take(size)
            .ToList();

        return new ListQuotasResponse
        {
            Numbers = { page.Select(row => new QuotaNumber { Municipality = row.Code, Number = row.Number, Origin = row.Origin }) },
            CountingUnit = regulation.CountingUnit,
            StatedTotal = regulation.StatedTotal,
            Source = regulation.Source,
            NextPageToken = page.Count < size ? "" : page[^1].Code,
        };
    }
}
