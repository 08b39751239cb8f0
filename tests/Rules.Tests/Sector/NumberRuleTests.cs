using BeschutWerk.Sector.Numbers;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Sector;

public sealed class NumberRuleTests
{
    private static readonly DateOnly NewYear = new(2018, 1, 1);

    private sealed record Told(int Number, Publication Publication);

    private static readonly Told First = Tell(100, published: -32, effective: 0);
    private static readonly Told Second = Tell(80, published: 59, effective: 90);
    private static readonly Told Third = Tell(120, published: 151, effective: 0);

    [Fact]
    public void The_later_publication_replaces_from_its_effective_date_on()
    {
        Assert.Equal([100, 100, 80], OnDays([First, Second]));
        Assert.Equal([120, 120, 120], OnDays([First, Second, Third]));
        Assert.Equal([null, null, 80], OnDays([Second]));
        // Published last, it holds to the end of the year; before its day the one before it goes on.
        Assert.Equal([120, 120, 90], OnDays([First, Third, Tell(90, published: 200, effective: 100)]));
    }

    [Fact]
    public void Numbers_of_another_year_hold_on_no_day_of_this_one()
    {
        var of2019 = new Publication(2019, new DateOnly(2018, 11, 30), new DateOnly(2019, 1, 1), Guid.Empty, DateTimeOffset.UnixEpoch);
        var other = new Told(7, of2019);
        Assert.Equal([100, 100, 100], OnDays([First, other]));
        Assert.Equal(7, NumberRule.HoldingOn([First, other], told => told.Publication, new DateOnly(2019, 6, 1))?.Number);
        Assert.Null(NumberRule.HoldingOn([First, other], told => told.Publication, new DateOnly(2020, 6, 1)));
    }

    [Fact]
    public void Of_two_of_one_day_the_one_imported_last_holds_also_when_the_other_was_recorded_again_later()
    {
        var earlier = Tell(1, published: 10, effective: 0, imported: 1, recorded: 9);
        var later = Tell(2, published: 10, effective: 0, imported: 2, recorded: 3);
        Assert.Equal([2, 2, 2], OnDays([later, earlier]));
        Assert.Equal([2, 2, 2], OnDays([earlier, later]));
    }

    [Fact]
    public void A_number_of_the_same_regulation_that_was_recorded_later_replaces_the_earlier_one()
    {
        var before = Tell(80, published: 10, effective: 0, imported: 1, recorded: 1);
        var after = Tell(85, published: 10, effective: 0, imported: 1, recorded: 2);
        Assert.Equal([85, 85, 85], OnDays([after, before]));
        Assert.Equal([85, 85, 85], OnDays([before, after]));
    }

    [Fact]
    public void The_order_of_the_numbers_never_matters()
    {
        var told = from published in Gen.Int[-60, 300]
            from effective in Gen.Int[0, 364]
            from imported in Gen.Int[1, 5]
            from recorded in Gen.Int[1, 1000]
            from number in Gen.Int[0, 400]
            select Tell(number, published, effective, imported, recorded);
        var cases = from all in told.List[0, 6]
            let distinct = all.DistinctBy(found => found.Publication with { EffectiveFrom = NewYear }).ToArray()
            from shuffled in Gen.Shuffle(distinct)
            from day in Gen.Int[0, 364]
            select (distinct, shuffled, day: NewYear.AddDays(day));

        cases.Sample((one, other, day) =>
            NumberRule.HoldingOn(one, found => found.Publication, day) == NumberRule.HoldingOn(other, found => found.Publication, day));
    }

    private static IEnumerable<int?> OnDays(IReadOnlyList<Told> told) =>
        new[] { NewYear, new DateOnly(2018, 3, 31), new DateOnly(2018, 5, 1) }
        .Select(day => NumberRule.HoldingOn(told, found => found.Publication, day)?.Number);

    private static Told Tell(int number, int published, int effective, int imported = 1, int recorded = 1) => new(
        number,
        new Publication(
            2018, NewYear.AddDays(published), NewYear.AddDays(effective),
            new Guid(imported, 0, 0, new byte[8]), DateTimeOffset.UnixEpoch.AddSeconds(recorded)));
}
