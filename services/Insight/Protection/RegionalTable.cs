using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Protection;

/// <summary>How a figure is told of a region to who may not read each municipality of it.</summary>
/// <param name="Table">The table that it is told from; null when it counts no persons and is told as it is.</param>
internal sealed record RegionalTelling(RegionalTable? Table)
{
    /// <summary>What one person or place is in the numerator.</summary>
    public long One { get; init; } = 1;

    /// <summary>Whether the denominator counts persons too.</summary>
    public bool DenominatorCounts { get; init; }

    /// <summary>The value in whole multiples of a count, so that the difference of two tables is one too.</summary>
    public Measure Rounded(Measure measure, long step)
    {
        if (measure.Value is not { } value) return measure;
        var denominator = DenominatorCounts ? Nearest(value.Denominator, step) : value.Denominator;
        return measure with { Value = new Ratio(Nearest(value.Numerator, step * One), denominator), Parts = [] };
    }

    private static Int128 Nearest(Int128 count, long step) => new Ratio(count, 1).RoundHalfUp(Ratio.Of(step)).Numerator;
}

/// <summary>
/// Counts of regions that are told together or not at all. A table is made once for each year, or for each end of a quarter, and
/// every question is answered from it: no other days, requesters or instants, for two answers that differ a little tell of one person.
/// </summary>
/// <param name="Step">Of what a table is made.</param>
/// <param name="Count">What must be large enough, of the facts of one municipality and the last day of the table.</param>
internal sealed record RegionalTable(RegionalStep Step, Func<FactSet, DateOnly, IReadOnlyList<long>> Count)
{
    /// <summary>Persons who asked for advice, and who got a positive or a negative one, in a calendar year.</summary>
    public static readonly RegionalTable Advices = new(RegionalStep.CalendarYear, CountAdvices);

    /// <summary>Persons at work on the last day of a quarter.</summary>
    public static readonly RegionalTable Work = new(RegionalStep.EndOfQuarter, (facts, end) => [AtWork.Persons(facts, end).Count]);

    /// <summary>The last day of the table that tells of a moment; null when none does.</summary>
    public DateOnly? EndOf(Moment moment) => Step switch
    {
        RegionalStep.CalendarYear =>
            moment is { From: { DayOfYear: 1 } from, To: { Month: 12, Day: 31 } to } && from.Year == to.Year ? to : null,
        _ => moment is { Peildatum: { } day, To: null } && IsEndOfQuarter(day) ? day : null,
    };

    private static bool IsEndOfQuarter(DateOnly day) =>
        day is { Month: 3 or 6 or 9 or 12 } && day.Day == DateTime.DaysInMonth(day.Year, day.Month);

    /// <summary>The day before it holds what was recorded: for three months a month's facts are still completed.</summary>
    public static DateOnly RecordedBefore(DateOnly end) => end.AddDays(1).AddMonths(3);

    /// <summary>The first day on which it is told. What was recorded just before midnight is on its way for a while.</summary>
    public static DateOnly ReleasedOn(DateOnly end) => RecordedBefore(end).AddDays(1);

    private static long[] CountAdvices(FactSet facts, DateOnly end)
    {
        var year = new Moment(new DateOnly(end.Year, 1, 1), end);
        return
        [
            Persons(advice => year.Holds(advice.ReceivedOn)),
            Persons(advice => year.Holds(advice.IssuedOn) && advice.Verdict == Verdict.Positive),
            Persons(advice => year.Holds(advice.IssuedOn) && advice.Verdict != Verdict.Positive),
        ];

        // Persons, not advices: five advices of one person tell of that person.
        long Persons(Func<Facts.Advice, bool> counts) => facts.Advices.Where(counts).Select(advice => advice.Person).Distinct().Count();
    }
}
