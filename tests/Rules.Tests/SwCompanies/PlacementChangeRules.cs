using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.Placements;
using PlacementVersion = BeschutWerk.SwCompanies.Placements.PlacementVersion;

namespace BeschutWerk.Rules.Tests.SwCompanies;

public class PlacementChangeRules
{
    private static readonly DateOnly Start = new(2017, 1, 2);

    private static readonly DateOnly LastDay = new(2017, 12, 31);

    private static PlacementHistory Fixed { get; } = Reported(LastDay);

    private static PlacementHistory Permanent { get; } = Reported(DateOnly.MaxValue);

    private static PlacementHistory Reported(DateOnly lastDay) =>
        new([new PlacementVersion { Version = 1, FromOn = Start, MinutesPerWeek = 1200, LastDay = lastDay }]);

    private static Ruling<PlacementVersion> Amend(
        PlacementHistory history, int day, int minutes = 0, DateOnly? lastDay = null, long expected = 0)
    {
        var type = history.Versions[0].LastDay == DateOnly.MaxValue ? ContractType.Permanent : ContractType.Fixed;
        return PlacementRules.Amend(history, type, new AmendPlacementRequest
        {
            FromOn = Start.AddDays(day).ToDate(), MinutesPerWeek = minutes, LastDay = lastDay.ToDate(), ExpectedVersion = expected,
        });
    }

    private static PlacementHistory Amended(PlacementHistory history, int day, int minutes = 0, DateOnly? lastDay = null) =>
        history.With(Amend(history, day, minutes, lastDay).OrThrow());

    private static PlacementEnd On(int day, EndReason reason = EndReason.Regular) => new(Start.AddDays(day), reason, EndCause.Unspecified);

    private static PlacementHistory Ended(PlacementHistory history, PlacementEnd end) =>
        history.With(PlacementRules.End(history, end).OrThrow());

    private static PlacementHistory Corrected(PlacementHistory history, PlacementEnd? end) =>
        history.With(PlacementRules.CorrectEnd(history, end, 0).OrThrow());

    private static List<string> Broken(Ruling<PlacementVersion> ruling) =>
        [.. ruling.Refusal!.Violations.Select(violation => violation.Field)];

    [Fact]
    public void Hours_change_from_a_day_on_and_the_last_day_stays() => Assert.Equal(
        [new(Start, Start.AddDays(29), 1200), new(Start.AddDays(30), LastDay, 1500)], Amended(Fixed, 30, 1500).Record.Stretches());

    [Fact]
    public void The_last_day_moves_and_the_hours_stay() =>
        Assert.Equal([new(Start, LastDay.AddMonths(6), 1200)], Amended(Fixed, 30, lastDay: LastDay.AddMonths(6)).Record.Stretches());

    [Fact]
    public void Somebody_elses_change_in_between_is_told_with_its_version()
    {
        foreach (var ruling in new[] { Amend(Fixed, 0, 60, expected: 2), PlacementRules.CorrectEnd(Fixed, null, expectedVersion: 2) })
        {
            Assert.Equal((ErrorReason.VersionChanged, "1"), (ruling.Refusal?.Reason, ruling.Refusal?.Metadata["version"]));
        }
    }

    [Fact]
    public void Hours_that_are_told_late_hold_until_those_that_were_told_before()
    {
        var told = Amended(Amended(Fixed, 37, 1800), 28, 1500);
        Assert.Equal(3, told.Version);
        Assert.Equal(
            [new(Start, Start.AddDays(27), 1200), new(Start.AddDays(28), Start.AddDays(36), 1500), new(Start.AddDays(37), LastDay, 1800)],
            told.Record.Stretches());
    }

    [Fact]
    public void A_last_day_says_nothing_of_hours_so_that_hours_told_late_go_on_after_it() =>
        Assert.Equal(
            [new(Start, Start.AddDays(9), 1200), new(Start.AddDays(10), LastDay.AddMonths(6), 600)],
            Amended(Amended(Fixed, 30, lastDay: LastDay.AddMonths(6)), 10, 600).Record.Stretches());

    [Fact]
    public void Of_two_last_days_the_one_agreed_later_holds_whichever_is_told_first()
    {
        var (earlier, later) = (LastDay.AddMonths(-1), LastDay.AddMonths(6));
        Assert.Equal(later, Amended(Amended(Fixed, 10, lastDay: earlier), 20, lastDay: later).Record.LastDay);
        var late = Amended(Amended(Fixed, 20, lastDay: later), 10, lastDay: earlier);
        Assert.Equal(later, late.Record.LastDay);
        Assert.Equal([LastDay, later, later], late.Versions.Select(version => late.AgreedLastDay(version.Version)));
        Assert.Equal(earlier, Amended(Amended(Fixed, 10, lastDay: later), 10, lastDay: earlier).Record.LastDay);
    }

    [Fact]
    public void Nothing_changes_before_the_first_or_after_the_last_day()
    {
        Assert.Equal(ErrorReason.DateBeforeItsBasis, Amend(Fixed, -1, 60).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, Amend(Fixed, 364, 60).Refusal?.Reason);
        Assert.False(Amend(Fixed, 363, 60).IsRefused);
    }

    [Fact]
    public void After_the_end_only_hours_before_it_change()
    {
        var ended = Ended(Fixed, On(100));
        Assert.Equal(
            [new(Start, Start.AddDays(39), 1200), new(Start.AddDays(40), Start.AddDays(100), 600)],
            Amended(ended, 40, 600).Record.Stretches());
        Assert.Equal(ErrorReason.StateForbids, Amend(ended, 101, 600).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, Amend(ended, 40, lastDay: LastDay.AddMonths(1)).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, Amend(Ended(Fixed, On(100, EndReason.Correction)), 40, 600).Refusal?.Reason);
    }

    [Fact]
    public void A_permanent_employment_gets_no_last_day_and_no_change_ends_before_it_begins()
    {
        Assert.Equal(["last_day"], Broken(Amend(Fixed, 10, lastDay: Start.AddDays(9))));
        Assert.Equal(["last_day"], Broken(Amend(Permanent, 10, lastDay: Start.AddDays(40))));
    }

    [Fact]
    public void It_ends_once_within_its_days()
    {
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PlacementRules.End(Fixed, On(-1)).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.End(Fixed, On(364)).Refusal?.Reason);
        Assert.False(PlacementRules.End(Fixed, On(363)).IsRefused);
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.End(Ended(Permanent, On(3)), On(2)).Refusal?.Reason);
        Assert.Equal([new(Start, Start.AddDays(3), 1200)], Ended(Permanent, On(3)).Record.Stretches());
    }

    [Fact]
    public void The_agreed_last_day_survives_an_end()
    {
        var history = Ended(Amended(Fixed, 30, lastDay: LastDay.AddMonths(1)), On(100));
        Assert.Equal((Start.AddDays(100), LastDay.AddMonths(1)), (history.Record.LastDay, history.Record.AgreedLastDay));
        Assert.Equal(LastDay.AddMonths(1), Corrected(history, null).Record.LastDay);
    }

    [Fact]
    public void An_end_is_corrected_within_the_days_of_the_placement()
    {
        var ended = Ended(Fixed, On(100));
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.CorrectEnd(Fixed, On(100), 0).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.CorrectEnd(Fixed, null, 0).Refusal?.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PlacementRules.CorrectEnd(ended, On(-1), 0).Refusal?.Reason);
        Assert.Equal(ErrorReason.StateForbids, PlacementRules.CorrectEnd(ended, On(364), 0).Refusal?.Reason);
        Assert.Equal(["last_day"], Broken(PlacementRules.CorrectEnd(ended, On(100), 0)));
        foreach (var end in new[] { On(363), On(0), On(100, EndReason.Retired), On(100, EndReason.Correction) })
        {
            Assert.Equal(end, Corrected(ended, end).Record.End);
        }

        Assert.Equal(ErrorReason.StateForbids, PlacementRules.CorrectEnd(Corrected(ended, null), null, 0).Refusal?.Reason);
    }

    [Fact]
    public void What_was_never_one_is_one_after_all()
    {
        var never = Ended(Permanent, On(0, EndReason.Correction));
        Assert.Empty(never.Record.Stretches());
        Assert.Equal([new(Start, DateOnly.MaxValue, 1200)], Corrected(never, null).Record.Stretches());
        Assert.Equal([new(Start, Start.AddDays(9), 1200)], Corrected(never, On(9)).Record.Stretches());
    }

    [Fact]
    public void Only_days_with_more_hours_than_before_are_raised()
    {
        static List<Stretch> Raised(PlacementHistory before, PlacementHistory after) => PlacementRules.Raised(before.Record, after.Record);
        var more = Amended(Fixed, 30, 1800);

        Assert.Equal([new(Start.AddDays(30), LastDay, 1800)], Raised(Fixed, more));
        Assert.Equal([new(Start.AddDays(10), Start.AddDays(29), 1500)], Raised(more, Amended(more, 10, 1500)));
        Assert.Empty(Raised(more, Amended(more, 10, 600)));
        Assert.Equal([new(LastDay.AddDays(1), LastDay.AddDays(7), 1800)], Raised(more, Amended(more, 40, lastDay: LastDay.AddDays(7))));

        var ended = Ended(more, On(9));
        Assert.Empty(Raised(more, ended));
        Assert.Equal(
            [new(Start.AddDays(10), Start.AddDays(29), 1200), new(Start.AddDays(30), LastDay, 1800)],
            Raised(ended, Corrected(ended, null)));
        var never = Ended(Permanent, On(9, EndReason.Correction));
        Assert.Equal([new(Start, DateOnly.MaxValue, 1200)], Raised(never, Corrected(never, null)));
    }
}
