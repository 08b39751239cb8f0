using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.Placements;
using CsCheck;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public class PlacementHoursRules
{
    private static readonly DateOnly Day = new(2017, 1, 2);

    private static Stretch Stretch(int from, int to, int minutes) => new(Day.AddDays(from), Day.AddDays(to), minutes);

    private static bool Fits(Stretch added, params Stretch[] others) => PlacementRules.WithinFortyHours(added, others) is null;

    [Fact]
    public void Exactly_forty_hours_fit() => Assert.True(Fits(Stretch(0, 9, 1500), Stretch(0, 9, 900)));

    [Fact]
    public void One_minute_more_does_not() =>
        Assert.Equal(ErrorReason.HoursExceedForty, PlacementRules.WithinFortyHours(Stretch(0, 9, 1500), [Stretch(0, 9, 901)])?.Reason);

    [Fact]
    public void A_last_day_is_worked()
    {
        Assert.False(Fits(Stretch(9, 20, 2400), Stretch(0, 9, 1)));
        Assert.True(Fits(Stretch(10, 20, 2400), Stretch(0, 9, 1)));
    }

    [Fact]
    public void Others_that_do_not_meet_each_other_are_not_added_up() =>
        Assert.True(Fits(Stretch(0, 30, 1200), Stretch(0, 9, 1200), Stretch(10, 19, 1200), Stretch(20, 30, 1200)));

    [Fact]
    public void What_begins_later_counts_from_its_first_day() => Assert.False(Fits(Stretch(0, 30, 1200), Stretch(0, 30, 600), Stretch(30, 40, 601)));

    [Fact]
    public void An_employment_without_end_counts_for_ever() =>
        Assert.False(Fits(new Stretch(new(2040, 1, 1), DateOnly.MaxValue, 1201), new Stretch(Day, DateOnly.MaxValue, 1200)));

    [Fact]
    public void It_says_the_same_as_looking_at_every_day()
    {
        var stretch = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 15], Gen.Int[1, 1600], (from, length, minutes) => Stretch(from, from + length, minutes));
        Gen.Select(stretch, stretch.Array[0, 6]).Sample((added, others) =>
        {
            var busiest = Enumerable.Range(added.From.DayNumber, added.LastDay.DayNumber - added.From.DayNumber + 1).Select(DateOnly.FromDayNumber)
                .Max(day => others.Where(other => other.From <= day && day <= other.LastDay).Sum(other => other.MinutesPerWeek));
            return Fits(added, others) == (busiest + added.MinutesPerWeek <= PlacementRules.MostMinutesPerWeek);
        });
    }
}
