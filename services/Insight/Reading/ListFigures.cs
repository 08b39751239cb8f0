using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>All figures with their definitions, by id.</summary>
internal static class ListFigures
{
    public static ListFiguresResponse Run(ListFiguresRequest request, ReadSession<InsightStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var after = page.After("");
        var found = FigureRegistry.All.Where(figure => string.CompareOrdinal(figure.Id, after) > 0).Take(page.Limit).ToList();
        var (figures, next) = page.Cut(found, figure => figure.Id);
        return new ListFiguresResponse { Figures = { figures.Select(FigureMessages.Definition) }, NextPageToken = next };
    }
}
