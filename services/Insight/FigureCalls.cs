using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Protection;
using BeschutWerk.Insight.Published;
using BeschutWerk.Insight.Reading;
using Grpc.Core;

namespace BeschutWerk.Insight;

/// <summary>FigureService: which use case runs in which session.</summary>
public sealed class FigureCalls(PlatformCalls<InsightStore> calls, SmallNumberSettings settings) : FigureService.FigureServiceBase
{
    public override Task<ImportPublishedFiguresResponse> ImportPublishedFigures(ImportPublishedFiguresRequest request, ServerCallContext context) => calls.Write(request, context, Published.ImportPublishedFigures.Run, (r, checks) => Published.ImportPublishedFigures.CheckFields(r, calls.Today, checks));

    public override Task<ListFiguresResponse> ListFigures(ListFiguresRequest request, ServerCallContext context) => calls.Read(request, context, Reading.ListFigures.Run);

    public override Task<GetFigureResponse> GetFigure(GetFigureRequest request, ServerCallContext context) =>
        calls.Read(request, context, (r, session) => Reading.GetFigure.Run(r, session, settings), Reading.GetFigure.CheckFields);

    public override Task<GetSeriesResponse> GetSeries(GetSeriesRequest request, ServerCallContext context) =>
        calls.Read(request, context, (r, session) => Reading.GetSeries.Run(r, session, settings), Reading.GetSeries.CheckFields);

    public override Task<ExtrapolateFigureResponse> ExtrapolateFigure(ExtrapolateFigureRequest request, ServerCallContext context) =>
        calls.Read(
            request, context, (r, session) => Reading.ExtrapolateFigure.Run(r, session, settings), Reading.ExtrapolateFigure.CheckFields);

    public override Task<CompareWithPublishedResponse> CompareWithPublished(
        CompareWithPublishedRequest request, ServerCallContext context) => calls.Read(
            request, context, (r, session) => Published.CompareWithPublished.Run(r, session, settings),
            Published.CompareWithPublished.CheckFields);
}
