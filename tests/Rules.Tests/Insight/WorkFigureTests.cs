using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Sector.Work;
using static BeschutWerk.Rules.Tests.Insight.Told;
using Advice = BeschutWerk.Insight.Facts.Advice;
using Placement = BeschutWerk.Insight.Facts.Placement;
using QuotaNumber = BeschutWerk.Insight.Facts.QuotaNumber;

namespace BeschutWerk.Rules.Tests.Insight;

public sealed class WorkFigureTests
{
    private static readonly DateOnly Start = new(2017, 5, 1);

    private static FactSet Working(params Placement[] placements) => new([], placements, []);

    private static FactSet Numbered(Placement[] placements, params QuotaNumber[] numbers) => new([], placements, numbers);

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(30, 1)]
    [InlineData(31, 0)]
    public void Somebody_is_at_work_from_the_first_day_up_to_the_last(int day, int atWork) =>
        Assert.True(AtWork.Figure.On(Working(Placed(1, Start, Start.AddDays(30))), Start.AddDays(day)).Value == Ratio.Of(atWork));

    [Fact]
    public void Somebody_with_two_placements_is_one_person_with_all_his_minutes()
    {
        var facts = Numbered([Placed(1, Start, minutes: 930), Placed(1, Start, minutes: 930), Placed(2, Start, minutes: 1860)], Number(4));

        Assert.True(AtWork.Figure.On(facts, EndOf2017).Value == Ratio.Of(2));
        Assert.Equal("50.00", FilledShare31Hours.Figure.On(facts, EndOf2017).Text(FilledShare31Hours.Figure));
        Assert.Equal("50.00", FilledSharePersons.Figure.On(facts, EndOf2017).Text(FilledSharePersons.Figure));
    }

    [Fact]
    public void Hours_count_as_they_are_on_the_day()
    {
        var changed = Placed(
            1, Start, null, 930,
            new HoursFrom(Start.AddDays(10), 1860), new HoursFrom(Start.AddDays(20), 620), new HoursFrom(Start.AddDays(20), 1240));

        Assert.Equal([930, 1860, 1240, 1240], new[] { 9, 10, 20, 200 }.Select(day => changed.MinutesOn(Start.AddDays(day))));
    }

    [Fact]
    public void A_correction_back_in_time_takes_effect_from_its_own_day()
    {
        var changed = Placed(1, Start, null, 930, new HoursFrom(Start.AddDays(20), 1860), new HoursFrom(Start.AddDays(10), 1240));

        Assert.Equal([930, 1240, 1860], new[] { 9, 10, 20 }.Select(day => changed.MinutesOn(Start.AddDays(day))));
    }

    [Fact]
    public void Number_zero_or_none_has_no_filled_share()
    {
        var working = new[] { Placed(1, Start) };

        foreach (var figure in new[] { FilledShare31Hours.Figure, FilledSharePersons.Figure })
        {
            Assert.Null(figure.On(Numbered(working, Number(0)), EndOf2017).Value);
            Assert.Null(figure.On(Numbered(working, Number(5, 2018)), EndOf2017).Value);
            Assert.Null(figure.On(Numbered(working), EndOf2017).Value);
        }

        Assert.True(QuotaNumbers.Figure.On(Numbered(working, Number(0)), EndOf2017).Value == Ratio.Of(0));
        Assert.Null(QuotaNumbers.Figure.On(Numbered(working), EndOf2017).Value);
    }

    [Fact]
    public void A_number_of_employment_relationships_has_no_share_in_places_of_31_hours()
    {
        var facts = Numbered([Placed(1, Start)], Number(4, unit: CountingUnit.EmploymentRelationships));

        Assert.Null(FilledShare31Hours.Figure.On(facts, EndOf2017).Value);
        Assert.Equal("25.00", FilledSharePersons.Figure.On(facts, EndOf2017).Text(FilledSharePersons.Figure));
    }

    [Fact]
    public void Of_several_numbers_of_a_year_the_one_published_last_holds_from_its_day()
    {
        var facts = Numbered(
            [], Number(11, publishedOnDay: 20), Number(12, from: new DateOnly(2017, 7, 1), publishedOnDay: 25),
            Number(10), Number(3, municipality: "GM0599"));

        Assert.True(QuotaNumbers.Figure.On(facts, new DateOnly(2017, 6, 30)).Value == Ratio.Of(14));
        Assert.True(QuotaNumbers.Figure.On(facts, EndOf2017).Value == Ratio.Of(15));
        var replaced = Numbered([], Number(12, from: new DateOnly(2017, 7, 1)), Number(11, publishedOnDay: 20));
        Assert.True(QuotaNumbers.Figure.On(replaced, EndOf2017).Value == Ratio.Of(11));
    }

    [Fact]
    public void What_rests_on_a_number_that_was_filled_in_says_so()
    {
        var facts = Numbered([Placed(1, Start)], Number(10), Number(2, origin: QuotaOrigin.Synthetic, municipality: "GM0599"));

        Assert.True(FilledShare31Hours.Figure.On(facts, EndOf2017).RestsOnSynthetic);
        Assert.False(AtWork.Figure.On(facts, EndOf2017).RestsOnSynthetic);
        Assert.False(QuotaNumbers.Figure.On(facts.Of(code => code == Amsterdam), EndOf2017).RestsOnSynthetic);
    }

    [Fact]
    public void The_share_at_work_is_of_advices_and_can_follow_a_cohort()
    {
        var before = new DateOnly(2017, 3, 1);
        var facts = new FactSet(
            [Advised(1, before), Advised(2, before), Advised(3, EndOf2017.AddDays(1)), Advised(4, before, Verdict.Negative)],
            [Placed(1, Start), Placed(3, EndOf2017.AddDays(30)), Placed(4, Start), Placed(5, Start)], []);
        var later = EndOf2017.AddDays(60);

        Assert.Equal("50.00", AtWorkShareOfAdvised.Figure.On(facts, EndOf2017).Text(AtWorkShareOfAdvised.Figure));
        Assert.Equal("66.67", AtWorkShareOfAdvised.Figure.On(facts, later).Text(AtWorkShareOfAdvised.Figure));
        var cohort = AtWorkShareOfAdvised.Figure.Compute!(facts, new Moment(To: EndOf2017, Peildatum: later));
        Assert.Equal("50.00", cohort.Text(AtWorkShareOfAdvised.Figure));
    }

    [Fact]
    public void Time_to_placement_is_from_the_latest_advice_before_the_first_start()
    {
        var advised = new DateOnly(2017, 1, 2);
        var facts = new FactSet(
            [
                Advised(1, advised), Advised(1, advised.AddDays(40)), Advised(1, advised.AddDays(300)),
                Advised(2, advised), Advised(3, advised), Advised(4, advised), Advised(5, advised, Verdict.Negative),
            ],
            [
                Placed(1, advised.AddDays(100)), Placed(1, advised.AddDays(200)),
                Placed(2, advised.AddDays(90)), Placed(3, EndOf2017.AddDays(1)), Placed(5, advised.AddDays(5)), Placed(6, advised.AddDays(5)),
            ], []);

        var measure = DaysAdviceToStart.Figure.On(facts, EndOf2017);

        Assert.True(measure.Value == new Ratio(60 + 90, 2));
        Assert.Equal([("median", "75"), ("p90", "90"), ("started", "2"), ("censored", "2")], measure.Parts.Select(part => (part.Name, part.Value.ToText(0))));
        Assert.True(Units.Factor(FigureUnit.Days, FigureUnit.Months)!.Value.Times(Ratio.Of(487)).IsSameAs(Ratio.Of(16)));
    }

    [Fact]
    public void Nobody_started_is_no_mean_and_everybody_advised_is_censored()
    {
        var measure = DaysAdviceToStart.Figure.On(Of(Advised(1, Start)), EndOf2017);

        Assert.Null(measure.Value);
        Assert.Equal([("started", "0"), ("censored", "1")], measure.Parts.Select(part => (part.Name, part.Value.ToText(0))));
    }

    [Theory]
    [InlineData(1, "1.0", 1)]
    [InlineData(2, "1.5", 2)]
    [InlineData(9, "5.0", 9)]
    [InlineData(10, "5.5", 9)]
    [InlineData(11, "6.0", 10)]
    [InlineData(20, "10.5", 18)]
    public void Median_and_p90_of_one_to_n(int n, string median, long p90)
    {
        var days = Enumerable.Range(1, n).Select(day => (long)day).ToList();

        Assert.Equal(median, DaysAdviceToStart.Median(days).ToText(1));
        Assert.Equal(p90, DaysAdviceToStart.NearestRank(days, 90));
    }

    [Fact]
    public void A_placement_that_ended_before_it_began_never_started() =>
        Assert.Null(DaysAdviceToStart.Figure.On(new FactSet([Advised(1, Start.AddDays(-10))], [Placed(1, Start, Start.AddDays(-1))], []), EndOf2017).Value);

    [Fact]
    public void A_placement_that_was_never_one_counts_again_when_that_is_taken_back()
    {
        var never = PlacementChange.Ended(2, new PlacementEnd(Start, EndReason.Correction, EndCause.Unspecified));
        Placement[] Told(params PlacementChange[] changes) => [Placed(1, Start, null, 1860, changes)];
        FactSet Facts(Placement[] placements) => new([Advised(1, Start.AddDays(-10))], placements, [Number(1)]);

        var (without, with) = (Facts(Told(never)), Facts(Told(never, PlacementChange.Ended(3, null))));

        Assert.True(AtWork.Figure.On(without, EndOf2017).Value == Ratio.Of(0));
        Assert.True(AtWork.Figure.On(with, EndOf2017).Value == Ratio.Of(1));
        Assert.Equal("0.00", FilledShare31Hours.Figure.On(without, EndOf2017).Text(FilledShare31Hours.Figure));
        Assert.Equal("100.00", FilledShare31Hours.Figure.On(with, EndOf2017).Text(FilledShare31Hours.Figure));
        Assert.Null(DaysAdviceToStart.Figure.On(without, EndOf2017).Value);
        Assert.True(DaysAdviceToStart.Figure.On(with, EndOf2017).Value == Ratio.Of(10));
    }
}
