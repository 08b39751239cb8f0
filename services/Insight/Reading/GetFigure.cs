using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>One figure, with everything that is needed to understand it.</summary>
internal static class GetFigure
{
    public static GetFigureResponse Run(GetFigureRequest request, ReadSession<InsightStore> session)
    {
        var figure = FigureScope.Figure(request.FigureId);
        var moment = new Moment(request.PeriodFrom.ToDateOnlyOrNull(), request.PeriodTo.ToDateOnlyOrNull(), request.Peildatum.ToDateOnlyOrNull());
        var checks = new FieldChecks();
        MomentRules.Check(figure, moment, request.Requester, "", checks);
        FigureScope.Check(request.Municipality, request.LabourMarketRegion, checks);
        var knownAt = KnownAt.Of(request.KnownAt, checks);
        checks.ThrowIfAny();

        var scope = FigureScope.Of(session, request.Municipality, request.LabourMarketRegion);
        var measure = figure.Compute!(scope.Facts(session, knownAt, request.Requester), moment);
        return new GetFigureResponse
        {
            Definition = FigureMessages.Definition(figure),
            Value = FigureMessages.Value(measure.Value, figure.Unit),
            Parts = { measure.Parts.Select(FigureMessages.Part) },
            PeriodFrom = request.PeriodFrom,
            PeriodTo = request.PeriodTo,
            Peildatum = request.Peildatum,
            Revision = session.Revision(),
            RestsOnSyntheticNumbers = measure.RestsOnSynthetic,
        };
    }
}
