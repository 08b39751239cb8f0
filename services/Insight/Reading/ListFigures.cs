using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>All figures with their definitions, by id; the token is the last id of the page.</summary>
internal static class ListFigures
{
    private const int DefaultPage = 100;

    public static ListFiguresResponse Run(ListFiguresRequest request, ReadSession<InsightStore> session)
    {
        var size = request.PageSize == 0 ? DefaultPage : request.PageSize;
        var rest = FigureRegistry.All.Where(figure => string.CompareOrdinal(figure.Id, request.PageToken) > 0).ToList();
        return new ListFiguresResponse
        {
            Figures = { rest.Take(size).Select(FigureMessages.Definition) },
            NextPageToken = rest.Count > size ? rest[size - 1].Id : "",
        };
    }
}
