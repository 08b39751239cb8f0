using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>The row of a municipality that was split is divided by who imports it.</summary>
public sealed class RegulationSharesTests
{
    private static readonly DateOnly Always = new(1970, 1, 1), SplitOn = new(2021, 1, 1);

    /// <summary>Esch went into Haaren in 2019, and Haaren over Boxtel and Tilburg in 2021.</summary>
    private static readonly Division Division = new(
        [new("GM0002", Always, new(2019, 1, 1)), new("GM0788", Always, SplitOn), new("GM0757", Always, null), new("GM0855", Always, null)],
        [
            new("GM0002", "GM0788", new(2019, 1, 1)),
            new("GM0788", "GM0757", SplitOn, SuccessionKind.Split), new("GM0788", "GM0855", SplitOn, SuccessionKind.Split),
        ]);

    private static readonly PublishedNumber[] Rows = [Row("GM0002", 3), Row("GM0757", 20), Row("GM0788", 10), Row("GM0855", 100)];

    private static readonly PublishedShare[] Whole =
        [new("GM0788", "GM0757", 6), new("GM0788", "GM0855", 4), new("GM0002", "GM0757", 0), new("GM0002", "GM0855", 3)];

    [Fact]
    public void A_row_of_a_municipality_that_was_split_needs_shares_also_when_it_went_into_it_before()
    {
        Assert.Empty(Told(Whole));
        Assert.Equal(
            [
                "split_shares: GM0002 was divided over GM0757, GM0855 on 2021-01-01: say how its 3 are divided.",
                "split_shares: GM0788 was divided over GM0757, GM0855 on 2021-01-01: say how its 10 are divided.",
            ],
            Told([]));
        Assert.Equal(ErrorReason.QuotaSplitUndivided, Check([])!.Reason);
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, Check([])!.Code);
    }

    [Fact]
    public void They_add_up_to_the_row_and_name_its_successors_once_each_and_no_others()
    {
        Assert.Equal(
            ["split_shares: The shares of GM0788 add up to 9, its row says 10."],
            Told([Whole[0] with { Number = 5 }, .. Whole[1..]]));
        Assert.Equal(
            ["split_shares: GM0788 was also divided over GM0855.", "split_shares: The shares of GM0788 add up to 6, its row says 10."],
            Told([Whole[0], .. Whole[2..]]));
        Assert.Equal(
            [
                "split_shares[4].successor: GM0788 was not divided over GM0002.",
                "split_shares[5].municipality: GM0855 is no row of a municipality that was split.",
                "split_shares[6].municipality: GM9999 is no row of a municipality that was split.",
                "split_shares[7].successor: GM0788 names GM0757 before.",
            ],
            Told(
            [
                .. Whole, new("GM0788", "GM0002", 0), new("GM0855", "GM0757", 0), new("GM9999", "GM0757", 0), new("GM0788", "GM0757", 0),
            ]));
    }

    [Theory]
    // By today, also for a regulation from before the split: its municipality may not take part, and its number is handed on.
    [InlineData("2019-01-01", "2026-11-29", true)]
    // By the day on which the regulation takes effect.
    [InlineData("2021-01-01", "2020-11-30", true)]
    // A split that comes later.
    [InlineData("2020-01-01", "2020-11-30", false)]
    [InlineData("2020-01-01", "2020-12-31", false)]
    [InlineData("2020-01-01", "2021-01-01", true)]
    public void They_are_needed_once_the_split_is_in_effect_and_may_be_told_before(string effectiveFrom, string today, bool needed)
    {
        var (from, now) = (DateOnly.Parse(effectiveFrom, null), DateOnly.Parse(today, null));
        Assert.Equal(needed, Check([], from, now) is not null);
        Assert.Null(Check(Whole, from, now));
        Assert.NotNull(Check(Whole[1..], from, now));
    }

    [Fact]
    public void A_planned_split_needs_none_before_its_day_and_a_row_of_0_needs_none_ever()
    {
        var planned = new Division(
            [new("GM0788", Always, null), new("GM0757", Always, null), new("GM0855", Always, null)],
            [new("GM0788", "GM0757", SplitOn, SuccessionKind.Planned), new("GM0788", "GM0855", SplitOn, SuccessionKind.Planned)]);
        Assert.Null(RegulationRules.Check(Rows[1..], [], 130, new(2020, 11, 20), SplitOn, planned, new(2020, 12, 31)));
        Assert.NotNull(RegulationRules.Check(Rows[1..], [], 130, new(2020, 11, 20), SplitOn, planned, SplitOn));

        PublishedNumber[] zero = [Row("GM0757", 20), Row("GM0788", 0), Row("GM0855", 100)];
        Assert.Null(RegulationRules.Check(zero, [], 120, new(2020, 11, 20), SplitOn, Division, SplitOn));
    }

    [Fact]
    public void What_is_wrong_besides_is_named_with_it()
    {
        var refusal = RegulationRules.Check(Rows, [], 134, new(2018, 11, 20), new(2019, 1, 1), Division, new(2026, 11, 29))!;
        Assert.Equal((ErrorReason.QuotaSumDiffers, 3), (refusal.Reason, refusal.Violations.Count));
    }

    private static IEnumerable<string> Told(PublishedShare[] shares) =>
        Check(shares)?.Violations.Select(violation => $"{violation.Field}: {violation.Description}") ?? [];

    private static Refusal? Check(PublishedShare[] shares, DateOnly? effectiveFrom = null, DateOnly? today = null) =>
        RegulationRules.Check(Rows, shares, 133, new(2018, 11, 20), effectiveFrom ?? new(2019, 1, 1), Division, today ?? new(2026, 11, 29));

    private static PublishedNumber Row(string code, int number) => new(code, number, QuotaOrigin.Regulation);
}
