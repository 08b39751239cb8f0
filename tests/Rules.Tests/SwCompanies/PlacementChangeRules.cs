using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies.Placements;
using Placement = BeschutWerk.SwCompanies.Placements.Placement;
using PlacementVersion = BeschutWerk.SwCompanies.Placements.PlacementVersion;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public class PlacementChangeRules
{
    private static readonly DateOnly Start = new(2017, 1, 2);

    private static readonly DateOnly LastDay = new(2017, 12, 31);

    private static Placement Fixed() => new() { StartOn = Start, LastDay = LastDay, MinutesPerWeek = 1200, ContractType = ContractType.Fixed, Version = 1 };

    private static Placement Permanent() => new() { StartOn = Start, LastDay = DateOnly.MaxValue, MinutesPerWeek = 1200, ContractType = ContractType.Permanent, Version = 1 };

    private static List<PlacementVersion> Versions(Placement placement, params (DateOnly From, int Minutes)[] changes) =>
    [
        new() { Version = 1, FromOn = placement.StartOn, MinutesPerWeek = placement.MinutesPerWeek, LastDay = placement.LastDay },
        .. changes.Select((change, i) => new PlacementVersion { Version = i + 2, FromOn = change.From, MinutesPerWeek = change.Minutes, LastDay = placement.LastDay }),
    ];

    private static Ruling<PlacementVersion> Amend(Placement placement, AmendPlacementRequest request) => PlacementRules.Amend(placement, Versions(placement), request);

    private static AmendPlacementRequest From(DateOnly day) => new() { FromOn = day.ToDate() };

    [Fact]
    public void Hours_change_from_a_day_on_and_the_last_day_stays()
    {
        var request = From(Start.AddDays(30));
        request.MinutesPerWeek = 1500;
        var version = Amend(Fixed(), request).OrThrow();
        Assert.Equal((2L, Start.AddDays(30), 1500, LastDay), (version.Version, version.FromOn, version.MinutesPerWeek, version.LastDay));
    }

    [Fact]
    public void The_last_day_moves_and_the_hours_stay()
    {
        var request = From(Start.AddDays(30));
        request.LastDay = LastDay.AddMonths(6).ToDate();
        var version = Amend(Fixed(), request).OrThrow();
        Assert.Equal((1200, LastDay.AddMonths(6)), (version.MinutesPerWeek, version.LastDay));
    }

    [Fact]
    public void Somebody_elses_change_in_between_is_told_with_its_version()
    {
        var request = From(Start);
        request.ExpectedVersion = 2;
        var refusal = Amend(Fixed(), request).Refusal;
        Assert.Equal(ErrorReason.VersionChanged, refusal?.Reason);
        Assert.Equal("1", refusal?.Metadata["version"]);
    }

    [Fact]
    public void Changes_follow_each_other()
    {
        var versions = Versions(Fixed(), (Start.AddDays(30), 1500));
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PlacementRules.Amend(Fixed(), versions, From(Start.AddDays(29))).Refusal?.Reason);
        Assert.False(PlacementRules.Amend(Fixed(), versions, From(Start.AddDays(30))).IsRefused);
    }

    [Fact]
    public void Nothing_changes_before_the_first_or_after_the_last_day_or_after_the_end()
    {
        Assert.Equal(ErrorReason.DateBeforeItsBasis, Amend(Fixed(), From(Start.AddDays(-1))).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, Amend(Fixed(), From(LastDay.AddDays(1))).Refusal?.Reason);
        var ended = Fixed();
        ended.EndReason = EndReason.Regular;
        Assert.Equal(ErrorReason.StateForbids, Amend(ended, From(Start)).Refusal?.Reason);
    }

    [Fact]
    public void A_permanent_employment_gets_no_last_day_and_no_change_ends_before_it_begins()
    {
        var request = From(Start.AddDays(10));
        request.LastDay = Start.AddDays(9).ToDate();
        Assert.Equal(["last_day"], Amend(Fixed(), request).Refusal!.Violations.Select(violation => violation.Field));

        request.LastDay = Start.AddDays(40).ToDate();
        Assert.Equal(["last_day"], Amend(Permanent(), request).Refusal!.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public void It_ends_after_a_day_that_is_worked()
    {
        var version = PlacementRules.End(Permanent(), Versions(Permanent()), LastDay).OrThrow();
        Assert.Equal((2L, LastDay, 1200), (version.Version, version.LastDay, version.MinutesPerWeek));
    }

    [Fact]
    public void It_ends_once_within_its_days()
    {
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PlacementRules.End(Fixed(), Versions(Fixed()), Start.AddDays(-1)).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.End(Fixed(), Versions(Fixed()), LastDay.AddDays(1)).Refusal?.Reason);
        Assert.False(PlacementRules.End(Fixed(), Versions(Fixed()), LastDay).IsRefused);
        var ended = Fixed();
        ended.EndReason = EndReason.Retired;
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.End(ended, Versions(ended), LastDay).Refusal?.Reason);
    }

    [Fact]
    public void An_end_before_the_latest_change_takes_the_hours_of_that_day()
    {
        var placement = Fixed();
        var versions = Versions(placement, (Start.AddDays(10), 1500), (Start.AddDays(20), 1800));
        var end = PlacementRules.End(placement, versions, Start.AddDays(15)).OrThrow();
        Assert.Equal((Start.AddDays(10), 1500), (end.FromOn, end.MinutesPerWeek));
    }

    [Fact]
    public void Versions_hold_until_the_next_and_an_earlier_end_cuts_them_off()
    {
        var placement = Fixed();
        var versions = Versions(placement, (Start.AddDays(10), 1500), (Start.AddDays(20), 1800));
        Assert.Equal(
            [new(Start, Start.AddDays(9), 1200), new(Start.AddDays(10), Start.AddDays(19), 1500), new(Start.AddDays(20), LastDay, 1800)],
            PlacementRules.Stretches(versions).Reverse());

        versions.Add(PlacementRules.End(placement, versions, Start.AddDays(15)).OrThrow());
        Assert.Equal(
            [new(Start, Start.AddDays(9), 1200), new(Start.AddDays(10), Start.AddDays(15), 1500)],
            PlacementRules.Stretches(versions).Reverse());
    }
}
