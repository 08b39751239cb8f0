using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Reading;

/// <summary>One figure, with everything that is needed to understand it.</summary>
internal static class GetFigure
{
    public static void CheckFields(GetFigureRequest request, FieldChecks checks)
    {
        if (FigureRegistry.Find(request.FigureId) is { } figure) MomentRules.Check(figure, MomentOf(request), request.Requester, "", checks);
        FigureScope.Check(request.Municipality, request.LabourMarketRegion, checks);
    }

    public static GetFigureResponse Run(GetFigureRequest request, ReadSession<InsightStore> session, SmallNumberSettings settings)
    {
        var figure = FigureScope.Figure(request.FigureId);
        var scope = FigureScope.Of(session, request.Municipality, request.LabourMarketRegion);
        var reader = new FigureReader(session, settings, KnownAt.Of(request.KnownAt));
        var facts = scope.Facts(session, reader.KnownAt, request.Requester);
        var told = reader.Tell(figure, scope, facts, MomentOf(request), request.Requester);
        return new GetFigureResponse
        {
            Definition = FigureMessages.Definition(figure),
            Value = FigureMessages.Value(told.Measure.Value, figure.Unit),
            Parts = { told.Measure.Parts.Select(FigureMessages.Part) },
            PeriodFrom = request.PeriodFrom,
            PeriodTo = request.PeriodTo,
            Peildatum = request.Peildatum,
            Revision = session.Revision(),
            RestsOnSyntheticNumbers = told.Measure.RestsOnSynthetic,
            Withheld = told.Withheld,
            ReleasedOn = told.ReleasedOn.ToDate(),
        };
    }

    private static Moment MomentOf(GetFigureRequest request) =>
        new(request.PeriodFrom.ToDayOrNull(), request.PeriodTo.ToDayOrNull(), request.Peildatum.ToDayOrNull());
}
