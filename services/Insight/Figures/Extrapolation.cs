using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.Figures;

/// <summary>A figure on the assumption that every quarter after the base quarter repeats it. Never stored.</summary>
/// <param name="Value">What is fact, plus the repeats.</param>
/// <param name="Actual">What is fact: up to the end of the base quarter.</param>
/// <param name="BaseQuarter">The base quarter.</param>
/// <param name="Repeats">Quarters after it.</param>
internal sealed record Extrapolation(Ratio Value, Ratio Actual, Ratio BaseQuarter, int Repeats)
{
    /// <summary>Ten years of one quarter is as far as the assumption can be taken for anything.</summary>
    private const int MostRepeats = 40;

    public static readonly Text Label = new(
        "Scenario, geen feit: elk kwartaal na het basiskwartaal is gelijk aan het basiskwartaal.",
        "Scenario, not a fact: every quarter after the base quarter equals the base quarter.");

    /// <summary>Computes it; <see cref="Check"/> found nothing.</summary>
    public static Extrapolation RepeatQuarter(Figure figure, FactSet facts, Moment moment, DateOnly baseQuarter)
    {
        var baseEnd = EndOfQuarter(baseQuarter);
        var repeated = Count(figure.AddsUp!(), facts, new Moment(baseQuarter, baseEnd));
        var repeats = Repeated(moment, baseQuarter);
        var actual = moment switch
        {
            { Peildatum: not null } => Count(figure, facts, new Moment(Peildatum: baseEnd)),
            _ when moment.From > baseEnd => Ratio.Of(0),
            _ => Count(figure, facts, moment with { To = baseEnd }),
        };
        return new Extrapolation(actual.Plus(repeated.Times(Ratio.Of(repeats))), actual, repeated, repeats);
    }

    /// <summary>Whether whole quarters follow the base quarter up to the end of the moment.</summary>
    public static void Check(Figure figure, Moment moment, DateOnly? baseQuarter, string path, string baseField, FieldChecks checks)
    {
        checks.Require(figure.AddsUp is not null, path + "figure_id", $"{figure.Id} does not add up over quarters.");
        if ((moment.Peildatum ?? moment.To) is not { } end || baseQuarter is not { } first) return;
        var endField = path + (moment.Peildatum is null ? "period_to" : "peildatum");
        checks.Require(IsFirstOfQuarter(first), path + baseField, "Is not the first day of a quarter.");
        checks.Require(end < DateOnly.MaxValue && IsFirstOfQuarter(end.AddDays(1)), endField, "Is not the last day of a quarter.");
        checks.Require(moment.From is not { } from || IsFirstOfQuarter(from), path + "period_from", "Is not the first day of a quarter.");
        var repeats = QuarterNumber(end) - QuarterNumber(first);
        checks.Require(repeats is > 0 and <= MostRepeats, endField, $"Lies not 1 to {MostRepeats} quarters after the base quarter.");
    }

    public static DateOnly EndOfQuarter(DateOnly firstDay) => firstDay.AddMonths(3).AddDays(-1);

    private static int Repeated(Moment moment, DateOnly baseQuarter)
    {
        var last = QuarterNumber(moment.Peildatum ?? moment.To!.Value);
        var before = QuarterNumber(baseQuarter);
        if (moment.From is { } from) before = Math.Max(before, QuarterNumber(from) - 1);
        return last - before;
    }

    private static Ratio Count(Figure figure, FactSet facts, Moment moment) => figure.Compute!(facts, moment).Value!.Value;

    private static int QuarterNumber(DateOnly day) => (day.Year * 4) + ((day.Month - 1) / 3);

    private static bool IsFirstOfQuarter(DateOnly day) => day is { Day: 1, Month: 1 or 4 or 7 or 10 };
}
