using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.History;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Published;
using BeschutWerk.Rules.Tests.Demo;
using BeschutWerk.Sector.Work;
using Csv = BeschutWerk.Host.Demo.Reference.PublishedFigureRow;
using Advice = BeschutWerk.Insight.Facts.Advice;
using Placement = BeschutWerk.Insight.Facts.Placement;
using QuotaNumber = BeschutWerk.Insight.Facts.QuotaNumber;

namespace BeschutWerk.Rules.Tests.Insight;

/// <summary>The letter's own arithmetic, and all its figures from the persons of the demo's history.</summary>
public sealed class LetterFigureTests(LetterHistoryOfTheSeed history) : IClassFixture<LetterHistoryOfTheSeed>
{
    private static readonly DateOnly FirstQuarterEnd = new(2018, 3, 31);

    [Fact]
    public void People_of_25_hours_fill_37_percent_of_2600_places_of_31_hours()
    {
        var placements = Enumerable.Range(0, 1184).Select(person => Told.Placed(person, new DateOnly(2017, 6, 1))).ToArray();
        var share = FilledShare31Hours.Figure.On(new FactSet([], placements, [Told.Number(2600)]), Told.EndOf2017);

        Assert.Equal("36.72", share.Text(FilledShare31Hours.Figure));
        Assert.Equal("37", share.Text(FilledShare31Hours.Figure, decimals: 0));
    }

    [Fact]
    public void Of_2154_advices_1184_at_work_is_55_percent()
    {
        var advices = Enumerable.Range(0, 2154).Select(person => Told.Advised(person, new DateOnly(2017, 3, 1))).ToArray();
        var placements = Enumerable.Range(0, 1184).Select(person => Told.Placed(person, new DateOnly(2017, 6, 1))).ToArray();
        var share = AtWorkShareOfAdvised.Figure.On(new FactSet(advices, placements, []), Told.EndOf2017);

        Assert.Equal("54.97", share.Text(AtWorkShareOfAdvised.Figure));
        Assert.Equal("55", share.Text(AtWorkShareOfAdvised.Figure, decimals: 0));
    }

    [Fact]
    public void If_the_first_quarter_repeats_2018_has_1960_and_the_total_is_4114()
    {
        var facts = Told.Of([.. Advised(2154, new DateOnly(2017, 3, 1)), .. Advised(490, FirstQuarterEnd)]);
        var (first, last) = (new DateOnly(2018, 1, 1), new DateOnly(2018, 12, 31));

        var year = Extrapolation.RepeatQuarter(PositiveAdvices.Figure, facts, new Moment(first, last), first);
        var total = Extrapolation.RepeatQuarter(PositiveAdvicesCumulative.Figure, facts, new Moment(Peildatum: last), first);

        Assert.Equal((Ratio.Of(1960), Ratio.Of(490), Ratio.Of(490), 3), (year.Value, year.Actual, year.BaseQuarter, year.Repeats));
        Assert.Equal((Ratio.Of(4114), Ratio.Of(2644), Ratio.Of(490), 3), (total.Value, total.Actual, total.BaseQuarter, total.Repeats));
    }

    [Fact]
    public void Every_published_figure_can_be_imported_and_equals_what_the_history_comes_to()
    {
        var facts = FactsOf(history);
        Assert.All(history.Reference.Figures, csv =>
        {
            var published = Row(csv);
            var checks = new Backbone.Grpc.FieldChecks();
            PublishedFigureRules.Check(published, new DateOnly(2018, 6, 15), "", checks);
            Assert.Empty(checks.Violations);

            var scoped = published.Municipality.Length == 0 ? facts : facts.Of(code => code == published.Municipality);
            var comparison = Comparison.Of(FigureRegistry.Find(published.FigureId)!, published, scoped.AskedBy(published.Requester));
            Assert.True(comparison.IsEqual, $"{published.FigureId} {published.Moment}: {comparison.Rounded}, published {published.Value}");
        });
    }

    [Fact]
    public void Something_else_than_the_published_value_is_not_equal()
    {
        var facts = Told.Of([.. Advised(115, new DateOnly(2015, 3, 1))]);
        var published = Row(history.Reference.Figures[0]);

        var comparison = Comparison.Of(PositiveAdvices.Figure, published, facts);

        Assert.Equal(("115", false), (comparison.Rounded, comparison.IsEqual));
    }

    private static IEnumerable<Advice> Advised(int count, DateOnly issuedOn) => Enumerable.Range(0, count).Select(person => Told.Advised(person, issuedOn));

    private static FactSet FactsOf(LetterHistoryOfTheSeed history) => new(
        [.. history.Persons.Select(person => new Advice(person.Municipality, Told.Person(person.Number), person.Requester, person.ReceivedOn, person.Advice?.IssuedOn, person.Advice?.Verdict ?? Verdict.Unspecified))],
        [.. history.Persons.Where(person => person.Placement is not null).Select(Placed)],
        [.. history.Numbers.SelectMany(year => year.Value.Select(number => Told.Number(number.Value, year.Key, municipality: number.Key)))]);

    private static Placement Placed(PersonHistory person) => new(
        person.Municipality, Told.Person(person.Number),
        PlacementRecord.Of(person.Placement!.StartOn, person.Placement.LastDay ?? DateOnly.MaxValue, person.Offer!.MinutesPerWeek, []));

    private static PublishedFigureRow Row(Csv csv) => new()
    {
        FigureId = csv.FigureId,
        PeriodFrom = csv.PeriodFrom,
        PeriodTo = csv.PeriodTo,
        Peildatum = csv.Peildatum,
        Municipality = csv.Municipality,
        Requester = csv.Requester.Length == 0 ? Requester.Unspecified : Enum.Parse<Requester>(csv.Requester, ignoreCase: true),
        Scenario = csv.Scenario.Length == 0 ? Scenario.Unspecified : Scenario.RepeatQuarter,
        Value = $"{csv.Value}",
        RoundingStep = $"{csv.RoundingStep}",
        Unit = Enum.Parse<FigureUnit>(csv.Unit, ignoreCase: true),
        Origin = Enum.Parse<FigureOrigin>(csv.Origin, ignoreCase: true),
        Source = csv.Source,
    };
}
