using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.History;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Rules.Tests.Demo;

/// <summary>The reference data and the demo's history, made once for all tests, and how to count in it.</summary>
public sealed class LetterHistoryOfTheSeed
{
    public static readonly DateOnly LastDay = new(2018, 3, 31);
    public const int MinutesPerPlace = 31 * 60;

    public ReferenceData Reference { get; } = ReferenceData.Load(ReferenceData.DefaultFolder);
    public IReadOnlyList<PersonHistory> Persons { get; }

    /// <summary>Number of the regulation per municipality of 15 June 2018, with dissolved rows at their successor.</summary>
    public IReadOnlyDictionary<int, Dictionary<string, int>> Numbers { get; }

    public LetterHistoryOfTheSeed()
    {
        Persons = LetterHistory.Generate(Reference);
        // Of the municipalities dissolved until the letter only Littenseradiel was split; all of it counts for Súdwest-Fryslân.
        var successors = Reference.Successions
            .Where(s => s.Date == new DateOnly(2018, 1, 1) && (s.Code != "GM0140" || s.Successor == "GM1900"))
            .ToDictionary(s => s.Code, s => s.Successor);
        Numbers = Reference.Quotas.ToDictionary(year => year.Key, year => year.Value
            .GroupBy(row => successors.GetValueOrDefault(row.Code, row.Code))
            .ToDictionary(rows => rows.Key, rows => rows.Sum(row => row.Number)));
    }

    public IEnumerable<PersonHistory> Decided(Verdict verdict) => Persons.Where(p => p.Advice?.Verdict == verdict);

    public IEnumerable<PersonHistory> AtWork(DateOnly day) => Persons.Where(p =>
        p.Placement is { } work && work.StartOn <= day && (work.LastDay is null || day <= work.LastDay));

    public int PositiveUpTo(DateOnly day) => Decided(Verdict.Positive).Count(p => p.Advice!.IssuedOn <= day);

    /// <summary>A figure of the letter, unrounded, counted from the persons.</summary>
    public decimal Count(PublishedFigureRow figure)
    {
        bool In(DateOnly day) => figure.PeriodFrom <= day && day <= figure.PeriodTo;
        bool Asked(PersonHistory p) => (figure.Requester.Length == 0 || p.Requester.ToString().Equals(figure.Requester, StringComparison.OrdinalIgnoreCase))
            && (figure.Municipality.Length == 0 || p.Municipality == figure.Municipality);
        int Positive(DateOnly from, DateOnly to) => PositiveUpTo(to) - PositiveUpTo(from.AddDays(-1));
        var day = figure.Peildatum ?? default;
        var quarter = Positive(new(2018, 1, 1), LastDay);

        return (figure.FigureId, figure.Scenario) switch
        {
            ("positive_advices", "") => Positive(figure.PeriodFrom!.Value, figure.PeriodTo!.Value),
            ("positive_advices", "REPEAT_QUARTER") => 4 * quarter,
            ("positive_advices_cumulative", "") => PositiveUpTo(day),
            ("positive_advices_cumulative", "REPEAT_QUARTER") => PositiveUpTo(new(2017, 12, 31)) + (4 * quarter),
            ("advice_requests", "") => Persons.Count(p => Asked(p) && In(p.ReceivedOn)),
            ("at_work", "") => AtWork(day).Count(),
            ("filled_share_31h", "") => 100m * AtWork(day).Sum(p => p.Offer!.MinutesPerWeek) / MinutesPerPlace / Numbers[day.Year].Values.Sum(),
            ("at_work_share_of_advised", "") => 100m * AtWork(day).Count(p => p.Advice!.IssuedOn <= (figure.PeriodTo ?? day)) / PositiveUpTo(figure.PeriodTo ?? day),
            ("days_advice_to_start", "") => (decimal)DaysToStart(day).Average() / 30.4375m,
            ("positive_share", "") => 100m * Decided(Verdict.Positive).Count(p => Asked(p) && In(p.Advice!.IssuedOn))
                / Persons.Count(p => p.Advice is { } advice && Asked(p) && In(advice.IssuedOn)),
            _ => throw new ArgumentOutOfRangeException(nameof(figure), figure.FigureId, "Count this figure here too."),
        };
    }

    public IEnumerable<int> DaysToStart(DateOnly startedUpTo) => Persons
        .Where(p => p.Placement?.StartOn <= startedUpTo)
        .Select(p => p.Placement!.StartOn.DayNumber - p.Advice!.IssuedOn.DayNumber);
}
