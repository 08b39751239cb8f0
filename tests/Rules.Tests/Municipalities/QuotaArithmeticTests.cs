using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Municipalities;

public class QuotaArithmeticTests
{
    private static readonly Gen<(Number Number, Use Held)> NumberAndUse =
        from unit in Gen.OneOfConst(CountingUnit.Places31Hours, CountingUnit.EmploymentRelationships)
        from places in Gen.Int[0, 400]
        from persons in Gen.Int[0, 800]
        from minutes in Gen.Long[0, 800 * 2400L]
        select (new Number(2017, places, unit), new Use(persons, persons == 0 ? 0 : minutes));

    [Fact]
    public void The_number_is_reached_exactly_when_nothing_remains() => NumberAndUse.Sample(found =>
        QuotaArithmetic.IsReached(found.Number, found.Held) == (QuotaArithmetic.RemainingMilli(found.Number, found.Held) == 0));

    [Fact]
    public void Something_is_over_only_when_the_number_is_reached() => NumberAndUse.Sample(found =>
        QuotaArithmetic.OverMilli(found.Number, found.Held) == 0 || QuotaArithmetic.IsReached(found.Number, found.Held));

    [Fact]
    public void Remaining_and_over_are_the_exact_difference_rounded_up() => NumberAndUse.Sample(found =>
    {
        var places = found.Number.Unit == CountingUnit.Places31Hours ? found.Held.Minutes / 1860m : found.Held.Persons;
        var exact = (found.Number.Places - places) * 1000;
        return QuotaArithmetic.RemainingMilli(found.Number, found.Held) == (long)Math.Ceiling(Math.Max(0, exact))
            && QuotaArithmetic.OverMilli(found.Number, found.Held) == (long)Math.Ceiling(Math.Max(0, -exact));
    });

    [Fact]
    public void Of_offers_one_after_another_exactly_one_reaches_a_number_above_zero() => Gen.Select(
        Gen.OneOfConst(CountingUnit.Places31Hours, CountingUnit.EmploymentRelationships), Gen.Int[1, 20], Gen.Int[1, 2400].Array[400])
        .Sample((unit, places, offers) =>
        {
            var number = new Number(2017, places, unit);
            var (held, reaching, allowed) = (default(Use), 0, 0);
            foreach (var minutes in offers)
            {
                if (!QuotaArithmetic.IsReached(number, held)) allowed++;
                if (QuotaArithmetic.IsReachedBy(number, held, minutes)) reaching++;
                held += new Use(1, minutes);
            }

            Assert.Equal(QuotaArithmetic.IsReached(number, held) ? 1 : 0, reaching);
            if (unit == CountingUnit.EmploymentRelationships) Assert.Equal(places, allowed);
        });

    [Fact]
    public void The_filled_share_is_the_exact_one_rounded_half_up() => NumberAndUse.Where(found => found.Number.Places > 0).Sample(found =>
    {
        var places = found.Number.Unit == CountingUnit.Places31Hours ? found.Held.Minutes / 1860m : found.Held.Persons;
        var exact = places / found.Number.Places * 10_000;
        return QuotaArithmetic.FilledShareBasisPoints(found.Number, found.Held) == (int)Math.Round(exact, MidpointRounding.AwayFromZero);
    });

    [Fact]
    public void The_letter_s_share_is_36_72_percent()
    {
        var letter = new Number(2017, 2600, CountingUnit.Places31Hours);
        Assert.Equal(3672, QuotaArithmetic.FilledShareBasisPoints(letter, new Use(1184, 29_600 * 60)));
    }

    [Fact]
    public void Number_zero_is_reached_and_has_no_share()
    {
        foreach (var unit in new[] { CountingUnit.Places31Hours, CountingUnit.EmploymentRelationships })
        {
            var zero = new Number(2017, 0, unit);
            Assert.True(QuotaArithmetic.IsReached(zero, default));
            Assert.Null(QuotaArithmetic.FilledShareBasisPoints(zero, default));
            Assert.Equal(DutyStatus.NumberReached, QuotaArithmetic.Status(zero, default));
        }
    }

    [Fact]
    public void Without_a_number_nothing_is_reached()
    {
        var busy = new Use(1000, 1000 * 2400);
        Assert.False(QuotaArithmetic.IsReached(null, busy));
        Assert.False(QuotaArithmetic.IsReachedBy(null, busy, 2400));
        Assert.Equal((0, 0, null), (QuotaArithmetic.RemainingMilli(null, busy), QuotaArithmetic.OverMilli(null, busy), QuotaArithmetic.FilledShareBasisPoints(null, busy)));
    }

    [Theory]
    [InlineData(0, 0, 0, 0, DutyStatus.NoNeed)]
    [InlineData(1, 0, 0, 0, DutyStatus.DutyMet)]
    [InlineData(0, 1, 0, 0, DutyStatus.DutyMet)]
    [InlineData(0, 0, 0, 1, DutyStatus.DutyMet)]
    [InlineData(0, 0, 1, 0, DutyStatus.DutyOpen)]
    [InlineData(1, 0, 1, 0, DutyStatus.DutyOpen)]
    [InlineData(1, 1, 0, 0, DutyStatus.NumberReached)]
    [InlineData(1, 1, 3, 0, DutyStatus.NumberReached)]
    public void The_duty_follows_need_up_to_a_number_of_two(int atWork, int reserved, int waiting, int served, DutyStatus status)
    {
        var standings = new Standings(new Use(atWork, atWork * 1500), new Use(reserved, reserved * 1500), waiting, served);
        Assert.Equal(status, QuotaArithmetic.Status(new Number(2017, 2, CountingUnit.EmploymentRelationships), standings));
    }

    [Fact]
    public void In_31_hour_places_two_of_25_hours_leave_room_in_two()
    {
        var two = new Number(2017, 2, CountingUnit.Places31Hours);
        Assert.False(QuotaArithmetic.IsReached(two, new Use(2, 2 * 1500)));
        Assert.False(QuotaArithmetic.IsReached(two, new Use(3, (2 * 1860) - 1)));
        Assert.True(QuotaArithmetic.IsReached(two, new Use(3, 2 * 1860)));
        Assert.Equal(1, QuotaArithmetic.RemainingMilli(two, new Use(3, (2 * 1860) - 1)));
    }
}
