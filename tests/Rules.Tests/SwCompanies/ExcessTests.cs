using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public sealed class ExcessTests
{
    private static readonly DateOnly March = new(2018, 3, 5);
    private static readonly Guid Amsterdam = Guid.CreateVersion7(), Utrecht = Guid.CreateVersion7();

    [Fact]
    public void Each_case_with_hours_on_the_first_day_of_too_many_is_told()
    {
        var (here, there) = (Works(Amsterdam, 36, 0), Works(Utrecht, 5, 10));
        Assert.Equal([Of(here, 10, 41), Of(there, 10, 41)], Excess.Of([here, there]));
    }

    [Fact]
    public void Forty_hours_are_not_too_many_nor_are_those_that_follow_each_other()
    {
        Assert.Empty(Excess.Of([Works(Amsterdam, 36, 0), Works(Utrecht, 4, 0)]));
        Assert.Empty(Excess.Of([Works(Amsterdam, 36, 0, 9), Works(Utrecht, 36, 10)]));
        Assert.Equal(2, Excess.Of([Works(Amsterdam, 36, 0, 10), Works(Utrecht, 36, 10)]).Count());
    }

    [Fact]
    public void What_is_too_much_in_one_case_alone_is_its_own_matter()
    {
        Assert.Empty(Excess.Of([Works(Amsterdam, 36, 0), Works(Amsterdam, 36, 0)]));
    }

    [Fact]
    public void Each_time_of_too_many_is_told_by_its_first_day_and_by_the_placement_that_began_last()
    {
        var (first, second, later) = (Works(Amsterdam, 20, 0), Works(Amsterdam, 10, 5), Works(Utrecht, 20, 40));
        PlacementElsewhere[] all = [first, second, Works(Utrecht, 20, 5, 9), Works(Utrecht, 2, 7), later];
        var found = Excess.Of(all).ToList();
        Assert.Equal([(5, 50), (40, 52)], found.Select(excess => (excess.FromOn.DayNumber - March.DayNumber, excess.MinutesPerWeek / 60)).Distinct());
        Assert.Equal([Of(second, 5, 50), Of(second, 40, 52)], found.Where(excess => excess.CaseId == Amsterdam));
        Assert.Equal(Of(later, 40, 52), found[^1]);
    }

    [Fact]
    public void What_never_was_a_placement_has_no_hours()
    {
        var never = Works(Utrecht, 36, 0) with
        {
            Record = PlacementRecord.Of(March, DateOnly.MaxValue, 36 * 60, [PlacementChange.Ended(2, new PlacementEnd(March, BeschutWerk.Contracts.SwCompanies.EndReason.Correction, default))]),
        };
        Assert.Empty(Excess.Of([Works(Amsterdam, 36, 0), never]));
    }

    private static Excess Of(PlacementElsewhere placement, int day, int hours) =>
        new(placement.CaseId, placement.PlacementId, March.AddDays(day), hours * 60);

    private static PlacementElsewhere Works(Guid linked, int hours, int fromDay, int? lastDay = null) => new(
        linked, Guid.CreateVersion7(), PlacementRecord.Of(March.AddDays(fromDay), lastDay is { } last ? March.AddDays(last) : DateOnly.MaxValue, hours * 60, []));
}
