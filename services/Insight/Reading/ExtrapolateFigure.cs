using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>A figure on an assumption, labelled as one.</summary>
internal static class ExtrapolateFigure
{
    public static ExtrapolateFigureResponse Run(ExtrapolateFigureRequest request, ReadSession<InsightStore> session)
    {
        var figure = FigureScope.Figure(request.FigureId);
        var moment = new Moment(request.PeriodFrom.ToDateOnlyOrNull(), request.PeriodTo.ToDateOnlyOrNull(), request.Peildatum.ToDateOnlyOrNull());
        var baseQuarter = request.BaseQuarterFrom.ToDateOnly();
        var checks = new FieldChecks();
        MomentRules.Check(figure, moment, request.Requester, "", checks);
        Extrapolation.Check(figure, moment, baseQuarter, "", "base_quarter_from", checks);
        FigureScope.Check(request.Municipality, request.LabourMarketRegion, checks);
        var knownAt = KnownAt.Of(request.KnownAt, checks);
        checks.ThrowIfAny();

        var scope = FigureScope.Of(session, request.Municipality, request.LabourMarketRegion);
        if (Extrapolation.EndOfQuarter(baseQuarter) >= session.Today)
        {
            throw Refusal.Of(ErrorReason.FigureNotAvailable, "The base quarter is not over.").ToException();
        }

        var extrapolation = Extrapolation.RepeatQuarter(figure, scope.Facts(session, knownAt, request.Requester), moment, baseQuarter);
        return new ExtrapolateFigureResponse
        {
            Definition = FigureMessages.Definition(figure),
            Scenario = request.Scenario,
            LabelNl = Extrapolation.Label.Dutch,
            LabelEn = Extrapolation.Label.English,
            Value = FigureMessages.Value(extrapolation.Value, figure.Unit),
            Actual = FigureMessages.Value(extrapolation.Actual, figure.Unit),
            BaseQuarter = FigureMessages.Value(extrapolation.BaseQuarter, figure.Unit),
            Repeats = extrapolation.Repeats,
            Revision = session.Revision(),
        };
    }
}
