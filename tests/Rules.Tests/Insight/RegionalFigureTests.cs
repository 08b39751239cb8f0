using System.Globalization;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Protection;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Advice = BeschutWerk.Insight.Facts.Advice;
using Placement = BeschutWerk.Insight.Facts.Placement;

namespace BeschutWerk.Rules.Tests.Insight;

/// <summary>What a municipality and a company are told of regions: always the same table, whatever they ask.</summary>
public sealed class RegionalFigureTests
{
    private static readonly DateOnly Today = new(2026, 6, 15);
    private static readonly Moment Year = new(new DateOnly(2025, 1, 1), new DateOnly(2025, 12, 31));
    private static readonly Moment YearEnd = new(Peildatum: new DateOnly(2025, 12, 31));
    private static readonly Dictionary<string, int> Regions =
        new() { ["A1"] = 1, ["A2"] = 1, ["B1"] = 2, ["B2"] = 2, ["C1"] = 3, ["C2"] = 3 };

    private static readonly Caller Municipality = new(OrganisationKind.Municipality, "A1", new HashSet<string> { "A1" });
    private static readonly Caller Company = new(OrganisationKind.SwCompany, "company", new HashSet<string>());

    /// <summary>What one municipality recorded: persons advised positively and placed, others advised negatively, late ones.</summary>
    private sealed record Town(string Code, int Positive, int Negative, int Late);

    private static readonly Town[] Large = [.. Regions.Keys.Select((code, i) => new Town(code, 8 + i, 6, 2))];

    [Fact]
    public void A_table_is_told_of_its_year_or_end_of_quarter_in_multiples_of_five()
    {
        var figures = Of(Large, Municipality);

        // 8 + 9 positive and 6 + 6 negative; the late ones came after the table was made.
        Assert.Equal("15", Text(figures, PositiveAdvices.Figure, 1, Year));
        Assert.Equal("30", Text(figures, AdviceRequests.Figure, 1, Year));
        Assert.Equal("50.000000", Text(figures, PositiveShare.Figure, 1, Year));
        Assert.Equal("20", Text(figures, AtWork.Figure, 2, YearEnd));
        Assert.Equal(new DateOnly(2026, 4, 2), Ask(figures, AtWork.Figure, 2, YearEnd).ReleasedOn);
    }

    public static TheoryData<string, string, string, string, Requester, Withheld> Other => new()
    {
        { "positive_advices", "2025-01-01", "2025-12-30", "", Requester.Unspecified, Withheld.OtherStep },
        { "positive_advices", "2025-12-31", "2025-12-31", "", Requester.Unspecified, Withheld.OtherStep },
        { "positive_advices", "2024-01-01", "2025-12-31", "", Requester.Unspecified, Withheld.OtherStep },
        { "positive_advices", "2025-01-01", "2025-12-31", "", Requester.Citizen, Withheld.NotOfRegions },
        { "positive_advices", "2014-01-01", "2014-12-31", "", Requester.Unspecified, Withheld.SmallNumbers },
        { "positive_advices", "2026-01-01", "2026-12-31", "", Requester.Unspecified, Withheld.NotReleased },
        { "at_work", "", "", "2025-12-30", Requester.Unspecified, Withheld.OtherStep },
        { "at_work", "", "", "9999-12-31", Requester.Unspecified, Withheld.NotReleased },
        { "at_work", "", "", "9999-09-30", Requester.Unspecified, Withheld.NotReleased },
        { "at_work", "", "", "2026-03-31", Requester.Unspecified, Withheld.NotReleased },
        { "positive_advices_cumulative", "", "", "2025-12-31", Requester.Unspecified, Withheld.NotOfRegions },
        { "persons_holding_positive_advice", "", "", "2025-12-31", Requester.Unspecified, Withheld.NotOfRegions },
        { "at_work_share_of_advised", "", "", "2025-12-31", Requester.Unspecified, Withheld.NotOfRegions },
        { "days_advice_to_start", "", "", "2025-12-31", Requester.Unspecified, Withheld.NotOfRegions },
    };

    [Theory]
    [MemberData(nameof(Other))]
    public void Nothing_else_is_told_of_a_region(
        string figureId, string from, string to, string peildatum, Requester requester, Withheld why)
    {
        static DateOnly? Day(string text) => text.Length == 0 ? null : DateOnly.Parse(text, CultureInfo.InvariantCulture);

        var told = Of(Large, Municipality).Of(
            FigureRegistry.Find(figureId)!, 1, new Moment(Day(from), Day(to), Day(peildatum)), requester, DateTimeOffset.MaxValue);

        Assert.Equal((null, why, null), (told.Measure.Value, told.Withheld, told.ReleasedOn));
        Assert.Empty(told.Measure.Parts);
    }

    [Fact]
    public void A_table_is_released_after_three_months_and_a_day()
    {
        Withheld On(DateOnly today, DateTimeOffset? knownAt = null) => Of(Large, Municipality, today)
            .Of(AtWork.Figure, 2, YearEnd, Requester.Unspecified, knownAt ?? DateTimeOffset.MaxValue).Withheld;

        Assert.Equal(Withheld.NotReleased, On(new DateOnly(2026, 4, 1)));
        Assert.Equal(Withheld.Unspecified, On(new DateOnly(2026, 4, 2)));
        Assert.Equal(Withheld.NotReleased, On(Today, Days.BeginOf(new DateOnly(2026, 3, 31))));
        Assert.Equal(Withheld.Unspecified, On(Today, Days.BeginOf(new DateOnly(2026, 4, 1))));
    }

    [Fact]
    public void A_company_is_told_of_advices_not_of_the_work_that_it_knows_itself()
    {
        var figures = Of(Large, Company);

        Assert.Equal("15", Text(figures, PositiveAdvices.Figure, 1, Year));
        foreach (var figure in new[] { AtWork.Figure, FilledSharePersons.Figure, FilledShare31Hours.Figure })
        {
            Assert.Equal(Withheld.NotOfRegions, Ask(figures, figure, 1, YearEnd).Withheld);
        }
    }

    /// <summary>All figures on all days around the ends of a year and of a quarter, at any instant, to anybody.</summary>
    [Fact]
    public void Whatever_is_asked_and_whenever_the_answer_is_of_the_table_or_none()
    {
        var towns = Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[0, 3]).Array[Regions.Count]
            .Select(counts => Regions.Keys.Zip(counts, (code, count) => new Town(code, count.Item1, count.Item2, count.Item3)).ToArray());
        var days = Enumerable.Range(-40, 80).Select(i => new DateOnly(2025, 12, 31).AddDays(i)).ToList();
        Gen.Select(towns, Gen.Bool).Sample(
            (world, isCompany) =>
            {
                var caller = isCompany ? Company : Municipality;
                var figures = Of(world, caller);
                var withoutLate = Of([.. world.Select(town => town with { Late = 0 })], caller);
                foreach (var figure in FigureRegistry.All.Where(figure => figure.Compute is not null && figure.Id != "quota_number"))
                {
                    foreach (var day in days)
                    {
                        var moment = figure.Kind == FigureKind.Period
                            ? new Moment(new DateOnly(day.Year, 1, 1), day)
                            : new Moment(Peildatum: day);
                        for (var region = 1; region <= 3; region++)
                        {
                            var told = Ask(figures, figure, region, moment);
                            Assert.Equal(told.Measure.Value, Ask(withoutLate, figure, region, moment).Measure.Value);
                            Assert.Equal(told.Withheld == Withheld.Unspecified, told.ReleasedOn == new DateOnly(2026, 4, 2));
                            if (told.Withheld == Withheld.Unspecified) Assert.Equal(new DateOnly(2025, 12, 31), day);
                            if (told.Measure.Value is { } value) Assert.Equal(0, value.Numerator % (5 * figure.Regional!.One));
                        }
                    }
                }
            },
            iter: 20);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData("10", 10)]
    [InlineData("2", null)]
    [InlineData("101", null)]
    [InlineData("five", null)]
    public void The_smallest_count_is_a_setting(string? setting, int? count)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Figures:SmallestCount", setting)]).Build();

        if (count is { } smallest) Assert.Equal(smallest, SmallNumberSettings.From(configuration).SmallestCount);
        else Assert.Throws<StartupException>(() => SmallNumberSettings.From(configuration));
    }

    private static ToldFigure Ask(RegionalFigures figures, Figure figure, int region, Moment moment) =>
        figures.Of(figure, region, moment, Requester.Unspecified, DateTimeOffset.MaxValue);

    private static string? Text(RegionalFigures figures, Figure figure, int region, Moment moment)
    {
        var told = Ask(figures, figure, region, moment);
        return told.Measure.Text(figure, figure.Unit == FigureUnit.Percent ? 6 : 0);
    }

    private static RegionalFigures Of(Town[] towns, Caller caller, DateOnly? today = null) =>
        new(Regions, instant => Recorded(towns, instant), caller, today ?? Today, 5);

    /// <summary>All was recorded on its day, but the late ones after the release.</summary>
    private static FactSet Recorded(Town[] towns, DateTimeOffset instant)
    {
        var day = new DateOnly(2025, 5, 1);
        var (advices, placements, person) = (new List<Advice>(), new List<Placement>(), 0);
        foreach (var town in towns)
        {
            var late = instant < Days.BeginOf(new DateOnly(2026, 4, 1)) ? 0 : town.Late;
            for (var i = 0; i < town.Positive + late; i++)
            {
                advices.Add(Told.Advised(++person, day) with { Municipality = town.Code });
                placements.Add(Told.Placed(person, day.AddDays(30)) with { Municipality = town.Code });
            }

            for (var i = 0; i < town.Negative; i++)
            {
                advices.Add(Told.Advised(++person, day, Verdict.Negative) with { Municipality = town.Code });
            }
        }

        return new FactSet(advices, placements, [.. towns.Select(town => Told.Number(10, 2025, municipality: town.Code))]);
    }
}
