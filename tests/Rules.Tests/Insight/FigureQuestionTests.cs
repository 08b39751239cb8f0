using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Published;
using BeschutWerk.Insight.Reading;

namespace BeschutWerk.Rules.Tests.Insight;

/// <summary>What can be asked of a figure, and what is refused.</summary>
public sealed class FigureQuestionTests
{
    private static readonly DateOnly Today = new(2018, 6, 15);
    private static readonly DateOnly From = new(2017, 1, 1);
    private static readonly DateOnly To = new(2017, 12, 31);

    [Fact]
    public void The_figures_are_the_ones_of_the_contract_each_explained_in_two_languages()
    {
        Assert.Equal(
            [
                "advice_requests", "at_work", "at_work_share_of_advised", "days_advice_to_start", "filled_share_31h", "filled_share_persons",
                "negative_for_both", "persons_holding_positive_advice", "positive_advices", "positive_advices_cumulative", "positive_share", "quota_number",
            ],
            FigureRegistry.All.Select(figure => figure.Id));
        Assert.All(FigureRegistry.All, figure =>
        {
            Assert.All([figure.Definition, figure.Source], text => Assert.True(text.Dutch.Length > 10 && text.English.Length > 10 && text.Dutch != text.English));
            var isQuotient = figure.Unit is FigureUnit.Percent or FigureUnit.Days;
            Assert.Equal(isQuotient, figure.Denominator.Dutch.Length > 0 && figure.Denominator.English.Length > 0);
        });
    }

    [Fact]
    public void Without_facts_a_count_is_zero_and_a_quotient_has_no_value() => Assert.All(FigureRegistry.All.Where(figure => figure.Compute is not null), figure =>
    {
        var measure = figure.Compute!(BeschutWerk.Insight.Facts.FactSet.None, figure.Kind == FigureKind.Period ? new Moment(From, To) : new Moment(Peildatum: To));
        var isCount = figure.Unit is not (FigureUnit.Percent or FigureUnit.Days) && figure.Id != "quota_number";
        Assert.Equal(isCount ? Ratio.Of(0) : null, measure.Value);
    });

    public static TheoryData<string, DateOnly?, DateOnly?, DateOnly?, Requester, string> Refused => new()
    {
        { "positive_advices", null, null, To, Requester.Unspecified, "period_from period_to peildatum" },
        { "positive_advices", To, From, null, Requester.Unspecified, "period_to" },
        { "positive_advices", From, To, null, Requester.Citizen, "" },
        { "at_work", From, To, null, Requester.Unspecified, "peildatum period_from period_to" },
        { "at_work", null, null, To, Requester.Citizen, "requester" },
        { "at_work_share_of_advised", null, From, To, Requester.Unspecified, "" },
        { "at_work_share_of_advised", null, To, From, Requester.Unspecified, "period_to" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_figure_is_asked_for_its_kind_of_moment(string id, DateOnly? from, DateOnly? to, DateOnly? peildatum, Requester requester, string fields)
    {
        var checks = new FieldChecks();
        MomentRules.Check(FigureRegistry.Find(id)!, new Moment(from, to, peildatum), requester, "", checks);

        Assert.Equal(fields, string.Join(' ', checks.Violations.Select(violation => violation.Field)));
    }

    [Theory]
    [InlineData("value", "37.5", "1", "value")]
    [InlineData("value", "many", "1", "value")]
    [InlineData("step", "37", "0", "rounding_step")]
    [InlineData("step", "37", "", "rounding_step")]
    [InlineData("fine", "37", "1", "")]
    [InlineData("fine", "36.7", "0.1", "")]
    public void A_published_value_is_a_multiple_of_its_step(string _, string value, string step, string fields) =>
        Assert.Equal(fields, Fields(Published("filled_share_31h", FigureUnit.Percent) with { Value = value, RoundingStep = step }));

    [Fact]
    public void Units_convert_only_where_the_definition_says_how()
    {
        Assert.Equal("", Fields(Published("days_advice_to_start", FigureUnit.Months)));
        Assert.Equal("", Fields(Published("days_advice_to_start", FigureUnit.Days)));
        Assert.Equal("unit", Fields(Published("days_advice_to_start", FigureUnit.Percent)));
        Assert.Equal("unit", Fields(Published("filled_share_31h", FigureUnit.Persons)));
        Assert.Equal("unit", Fields(Published("positive_advices_cumulative", FigureUnit.Persons)));
    }

    [Fact]
    public void A_published_figure_lies_in_the_future_only_on_an_assumption()
    {
        var future = Published("positive_advices_cumulative", FigureUnit.Advices) with { Peildatum = new DateOnly(2018, 12, 31) };

        Assert.Equal("peildatum", Fields(future));
        Assert.Equal("", Fields(future with { Scenario = Scenario.RepeatQuarter }));
        Assert.Equal("figure_id", Fields(future with { Scenario = Scenario.RepeatQuarter, FigureId = "at_work", Unit = FigureUnit.Persons }));
        Assert.Equal("peildatum", Fields(future with { Scenario = Scenario.RepeatQuarter, Peildatum = new DateOnly(2018, 12, 30) }));
        Assert.Equal("peildatum", Fields(future with { Scenario = Scenario.RepeatQuarter, Peildatum = new DateOnly(2019, 12, 31) }));
        Assert.Equal("figure_id", Fields(future with { FigureId = "at_play" }));
    }

    [Theory]
    [InlineData("2018-01-01", "2018-12-31", "2018-01-01", 3)]
    [InlineData("2018-04-01", "2018-12-31", "2018-01-01", 3)]
    [InlineData("2018-07-01", "2018-12-31", "2018-01-01", 2)]
    [InlineData("2017-01-01", "2019-03-31", "2018-01-01", 4)]
    public void Every_quarter_after_the_base_quarter_repeats_it(string from, string to, string baseQuarter, int repeats)
    {
        var moment = new Moment(DateOnly.Parse(from), DateOnly.Parse(to));
        var checks = new FieldChecks();
        Extrapolation.Check(PositiveAdvices.Figure, moment, DateOnly.Parse(baseQuarter), "", "base_quarter_from", checks);
        Assert.Empty(checks.Violations);

        var facts = Told.Of(Told.Advised(1, new DateOnly(2017, 5, 1)), Told.Advised(2, new DateOnly(2018, 1, 1)), Told.Advised(3, new DateOnly(2018, 3, 31)));
        var extrapolation = Extrapolation.RepeatQuarter(PositiveAdvices.Figure, facts, moment, DateOnly.Parse(baseQuarter));

        Assert.Equal((repeats, Ratio.Of(2)), (extrapolation.Repeats, extrapolation.BaseQuarter));
        Assert.True(extrapolation.Value.IsSameAs(extrapolation.Actual.Plus(Ratio.Of(2 * repeats))));
        Assert.Equal(Ratio.Of(moment.From <= new DateOnly(2017, 5, 1) ? 3 : moment.From == new DateOnly(2018, 1, 1) ? 2 : 0), extrapolation.Actual);
    }

    [Fact]
    public void Steps_are_calendar_steps_cut_to_the_period()
    {
        var (from, to) = (new DateOnly(2016, 11, 15), new DateOnly(2018, 2, 10));

        Assert.Equal([(from, new DateOnly(2016, 12, 31)), (new(2017, 1, 1), new(2017, 12, 31)), (new(2018, 1, 1), to)], Steps.Of(SeriesStep.Year, from, to));
        Assert.Equal(6, Steps.Of(SeriesStep.Quarter, from, to).Count());
        Assert.Equal(16, Steps.Of(SeriesStep.Month, from, to).Count());
        Assert.Equal([(to, to)], Steps.Of(SeriesStep.Month, to, to));
    }

    private sealed record Draft(string FigureId, FigureUnit Unit)
    {
        public string Value { get; init; } = "3";

        public string RoundingStep { get; init; } = "1";

        public DateOnly Peildatum { get; init; } = To;

        public Scenario Scenario { get; init; }
    }

    private static Draft Published(string figureId, FigureUnit unit) => new(figureId, unit);

    private static string Fields(Draft draft)
    {
        var row = new PublishedFigureRow
        {
            FigureId = draft.FigureId, Peildatum = draft.Peildatum, Scenario = draft.Scenario, Value = draft.Value, RoundingStep = draft.RoundingStep, Unit = draft.Unit,
        };
        var checks = new FieldChecks();
        PublishedFigureRules.Check(row, Today, "", checks);
        return string.Join(' ', checks.Violations.Select(violation => violation.Field));
    }
}
