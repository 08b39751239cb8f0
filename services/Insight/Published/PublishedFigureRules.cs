using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Published;

/// <summary>A published figure that could never be compared is refused when it is imported, not when it is compared.</summary>
internal static class PublishedFigureRules
{
    public static void Check(PublishedFigureRow row, DateOnly today, string path, FieldChecks checks)
    {
        if (FigureRegistry.Find(row.FigureId) is not { } figure)
        {
            checks.Require(false, path + "figure_id", "Is no figure of this platform.");
            return;
        }

        MomentRules.Check(figure, row.Moment, row.Requester, path, checks);
        var end = row.Peildatum ?? row.PeriodTo;
        var endField = path + (row.Peildatum is null ? "period_to" : "peildatum");
        if (row.Scenario == Scenario.Unspecified)
        {
            checks.Require(!(end > today), endField, "Lies in the future: that takes a scenario.");
        }
        else if (end is { } day)
        {
            Extrapolation.Check(figure, row.Moment, BaseQuarter(day), path, "scenario", checks);
            checks.Require(Extrapolation.EndOfQuarter(BaseQuarter(day)) < today, endField, "The base quarter of its year is not over.");
        }

        checks.Require(Units.Factor(figure.Unit, row.Unit) is not null, path + "unit", $"Is no unit in which {figure.Id} is told.");
        var value = Number(row.Value, path + "value", checks);
        var step = Number(row.RoundingStep, path + "rounding_step", checks);
        checks.Require(step is null || step.Value.Numerator > 0, path + "rounding_step", "Must be above 0.");
        if (value is { } told && step is { } unit && unit.Numerator > 0)
        {
            checks.Require(told.RoundHalfUp(unit).IsSameAs(told), path + "value", "Is no multiple of its rounding step.");
        }
    }

    /// <summary>The quarter that a published scenario repeats: the first of the year in which it ends.</summary>
    public static DateOnly BaseQuarter(DateOnly end) => new(end.Year, 1, 1);

    private static Ratio? Number(string text, string path, FieldChecks checks)
    {
        checks.Require(Ratio.TryParse(text, out var value), path, "Is no decimal: at most 12 digits, a point and six digits.");
        return value;
    }
}
