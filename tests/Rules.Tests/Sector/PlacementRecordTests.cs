using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;
using CsCheck;

namespace BeschutWerk.Rules.Tests.SectorRules;

public sealed class PlacementRecordTests
{
    private static readonly DateOnly Start = new(2017, 2, 1);
    private static readonly DateOnly Agreed = new(2017, 12, 31);

    private static PlacementRecord Of(params PlacementChange[] changes) => PlacementRecord.Of(Start, Agreed, 1500, changes);

    private static PlacementChange Hours(long version, int day, int minutes) => PlacementChange.Amended(version, Start.AddDays(day), minutes, Agreed);

    private static PlacementChange Ended(long version, int day, EndReason reason = EndReason.NotRenewed) =>
        PlacementChange.Ended(version, new PlacementEnd(Start.AddDays(day), reason, EndCause.Unspecified));

    [Fact]
    public void Hours_that_are_told_late_hold_from_their_own_day_until_the_next()
    {
        var record = Of(Hours(2, 37, 1800), Hours(3, 28, 1200));
        Assert.Equal(
            [new(Start, Start.AddDays(27), 1500), new(Start.AddDays(28), Start.AddDays(36), 1200), new(Start.AddDays(37), Agreed, 1800)],
            record.Stretches());
        Assert.Equal([1500, 1200, 1800], new[] { 27, 28, 37 }.Select(day => record.MinutesOn(Start.AddDays(day))));
    }

    [Fact]
    public void Of_two_from_one_day_the_later_version_holds() =>
        Assert.Equal([new(Start, Start.AddDays(9), 1500), new(Start.AddDays(10), Agreed, 600)], Of(Hours(2, 10, 1200), Hours(3, 10, 600)).Stretches());

    [Fact]
    public void An_end_cuts_off_what_begins_after_it_and_is_corrected_or_taken_back()
    {
        var ended = Of(Hours(2, 20, 1200), Ended(3, 9));
        Assert.Equal([new(Start, Start.AddDays(9), 1500)], ended.Stretches());
        Assert.Equal(Start.AddDays(9), ended.LastDay);

        var corrected = Of(Hours(2, 20, 1200), Ended(3, 9), Ended(4, 29, EndReason.Retired));
        Assert.Equal([new(Start, Start.AddDays(19), 1500), new(Start.AddDays(20), Start.AddDays(29), 1200)], corrected.Stretches());
        Assert.Equal(EndReason.Retired, corrected.End?.Reason);

        var takenBack = Of(Hours(2, 20, 1200), Ended(3, 9), PlacementChange.Ended(4, null));
        Assert.Null(takenBack.End);
        Assert.Equal(Agreed, takenBack.LastDay);
    }

    [Fact]
    public void What_never_was_counts_on_no_day_until_that_is_corrected()
    {
        var never = Of(Ended(2, 0, EndReason.Correction));
        Assert.True(never.NeverWas);
        Assert.Empty(never.Stretches());
        Assert.False(never.IsInForce(Start));
        Assert.True(Of(Ended(2, 0, EndReason.Correction), PlacementChange.Ended(3, null)).IsInForce(Start));
    }

    [Fact]
    public void A_last_day_that_moved_holds_whenever_hours_are_told()
    {
        var moved = PlacementChange.Amended(2, Start.AddDays(10), 1500, Agreed.AddMonths(6));
        Assert.Equal(Agreed.AddMonths(6), Of(moved, PlacementChange.Amended(3, Start.AddDays(5), 900, Agreed.AddMonths(6))).LastDay);
    }

    /// <summary>In whatever order the versions arrive: the same hours on every day, each day once.</summary>
    [Fact]
    public void Any_order_of_arrival_gives_the_same_hours() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[60, 2400], Gen.Int[0, 5]).Array[0, 8].SelectMany(told => Gen.Shuffle(told.Select((one, i) => Change(i + 2, one)).ToArray()).Select(order => (told, order))).Sample(sample =>
        {
            var expected = Of([.. sample.told.Select((one, i) => Change(i + 2, one))]);
            var arrived = Of([.. sample.order, .. sample.order.Take(2)]);
            Assert.Equal(expected.Stretches(), arrived.Stretches());
            for (var day = Start.AddDays(-1); day <= Start.AddDays(70); day = day.AddDays(1))
            {
                var stretches = arrived.Stretches().Where(stretch => stretch.From <= day && day <= stretch.LastDay).ToList();
                Assert.Equal(arrived.IsInForce(day) ? 1 : 0, stretches.Count);
                Assert.All(stretches, stretch => Assert.Equal(arrived.MinutesOn(day), stretch.MinutesPerWeek));
            }
        });

    private static PlacementChange Change(long version, (int Day, int Minutes, int Kind) told) => told.Kind switch
    {
        0 => Ended(version, told.Day),
        1 => Ended(version, told.Day, EndReason.Correction),
        2 => PlacementChange.Ended(version, null),
        _ => Hours(version, told.Day, told.Minutes),
    };
}
