using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Reading;

/// <summary>A figure on an assumption, labelled as one.</summary>
internal static class ExtrapolateFigure
{
    public static void CheckFields(ExtrapolateFigureRequest request, FieldChecks checks)
    {
        if (FigureRegistry.Find(request.FigureId) is { } figure)
        {
            MomentRules.Check(figure, MomentOf(request), request.Requester, "", checks);
            Extrapolation.Check(figure, MomentOf(request), request.BaseQuarterFrom.ToDayOrNull(), "", "base_quarter_from", checks);
        }

        FigureScope.Check(request.Municipality, request.LabourMarketRegion, checks);
    }

    public static ExtrapolateFigureResponse Run(
        ExtrapolateFigureRequest request, ReadSession<InsightStore> session, SmallNumberSettings settings)
    {
        var figure = FigureScope.Figure(request.FigureId);
        var baseQuarter = request.BaseQuarterFrom.ToDateOnly();
        var scope = FigureScope.Of(session, request.Municipality, request.LabourMarketRegion);
        if (Extrapolation.EndOfQuarter(baseQuarter) >= session.Today)
        {
            throw Refusal.Of(ErrorReason.FigureNotAvailable, "The base quarter is not over.").ToException();
        }

        var reader = new FigureReader(session, settings, KnownAt.Of(request.KnownAt));
        var response = new ExtrapolateFigureResponse
        {
            Definition = FigureMessages.Definition(figure),
            Scenario = request.Scenario,
            LabelNl = Extrapolation.Label.Dutch,
            LabelEn = Extrapolation.Label.English,
            Revision = session.Revision(),
            Withheld = reader.WhyNotExact(scope),
        };
        if (response.Withheld != Withheld.Unspecified) return response;

        var facts = scope.Facts(session, reader.KnownAt, request.Requester);
        var extrapolation = Extrapolation.RepeatQuarter(figure, facts, MomentOf(request), baseQuarter);
        response.Value = FigureMessages.Value(extrapolation.Value, figure.Unit);
        response.Actual = FigureMessages.Value(extrapolation.Actual, figure.Unit);
        response.BaseQuarter = FigureMessages.Value(extrapolation.BaseQuarter, figure.Unit);
        response.Repeats = extrapolation.Repeats;
        return response;
    }

    private static Moment MomentOf(ExtrapolateFigureRequest request) =>
        new(request.PeriodFrom.ToDayOrNull(), request.PeriodTo.ToDayOrNull(), request.Peildatum.ToDayOrNull());
}
