using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Published;
using BeschutWerk.Insight.Reading;
using Grpc.Core;

namespace BeschutWerk.Insight;

/// <summary>FigureService: which use case runs in which session.</summary>
public sealed class FigureCalls(PlatformCalls<InsightStore> calls) : FigureService.FigureServiceBase
{
    public override Task<ImportPublishedFiguresResponse> ImportPublishedFigures(ImportPublishedFiguresRequest request, ServerCallContext context) => calls.Write(request, context, Published.ImportPublishedFigures.Run);

    public override Task<ListFiguresResponse> ListFigures(ListFiguresRequest request, ServerCallContext context) => calls.Read(request, context, Reading.ListFigures.Run);

    public override Task<GetFigureResponse> GetFigure(GetFigureRequest request, ServerCallContext context) => calls.Read(request, context, Reading.GetFigure.Run);

    public override Task<GetSeriesResponse> GetSeries(GetSeriesRequest request, ServerCallContext context) => calls.Read(request, context, Reading.GetSeries.Run);

    public override Task<ExtrapolateFigureResponse> ExtrapolateFigure(ExtrapolateFigureRequest request, ServerCallContext context) => calls.Read(request, context, Reading.ExtrapolateFigure.Run);

    public override Task<CompareWithPublishedResponse> CompareWithPublished(CompareWithPublishedRequest request, ServerCallContext context) => calls.Read(request, context, Published.CompareWithPublished.Run);
}
