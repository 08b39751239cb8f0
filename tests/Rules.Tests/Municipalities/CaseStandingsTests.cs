using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities.Quota;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Municipalities;

public class CaseStandingsTests
{
    private static readonly DateOnly Day = new(2017, 3, 1);
    private static readonly Guid Case = Ids.New();
    private static readonly Guid Offer = Ids.New();
    private static readonly Guid Placement = Ids.New();

    private readonly List<Standing> _rows = [];
    private readonly List<Standing> _held = []; // by what the store was told
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void A_case_counts_as_one_thing_a_day_on_its_way_to_work_and_out()
    {
        Record(standings => standings.Waits(Day));
        Record(standings => standings.Reserves(Offer, 1500, Day.AddDays(10)));
        Record(standings => standings.Works(Placement, Offer, 1500, Day.AddDays(30), null));
        Record(standings => standings.WorksOn(Placement, 1200, Day.AddDays(60), null));
        Record(standings => standings.Stops(Placement, Day.AddDays(90)));
        Record(standings => standings.Waits(Day.AddDays(91)));

        Assert.Null(On(Day.AddDays(-1)));
        Assert.Equal((StandingKind.Waiting, 0), On(Day));
        Assert.Equal((StandingKind.Waiting, 0), On(Day.AddDays(9)));
        Assert.Equal((StandingKind.Reserved, 1500), On(Day.AddDays(10)));
        Assert.Equal((StandingKind.Reserved, 1500), On(Day.AddDays(29)));
        Assert.Equal((StandingKind.AtWork, 1500), On(Day.AddDays(30)));
        Assert.Equal((StandingKind.AtWork, 1500), On(Day.AddDays(59)));
        Assert.Equal((StandingKind.AtWork, 1200), On(Day.AddDays(60)));
        Assert.Equal((StandingKind.AtWork, 1200), On(Day.AddDays(90)));
        Assert.Equal((StandingKind.Waiting, 0), On(Day.AddDays(91)));
    }

    [Fact]
    public void What_was_known_before_stays_readable()
    {
        Record(standings => standings.Reserves(Offer, 1500, Day));
        Record(standings => standings.Works(Placement, Offer, 1500, Day.AddDays(5), null));
        var known = _now;
        Record(standings => standings.Stops(Placement, Day.AddDays(10)));

        Assert.Null(On(Day.AddDays(11)));
        Assert.Equal((StandingKind.AtWork, 1500), On(Day.AddDays(11), known));
    }

    [Fact]
    public void A_placement_that_is_told_again_counts_once_as_it_was_told_last()
    {
        Record(standings => standings.Reserves(Offer, 1500, Day));
        Record(standings => standings.Works(Placement, Offer, 1500, Day.AddDays(5), Day.AddDays(20)));
        var known = _now;
        Record(standings => standings.Works(Placement, Offer, 1200, Day.AddDays(5), Day.AddDays(30)));

        Assert.Equal((StandingKind.AtWork, 1200), On(Day.AddDays(5)));
        Assert.Equal((StandingKind.AtWork, 1200), On(Day.AddDays(30)));
        Assert.Equal((StandingKind.AtWork, 1500), On(Day.AddDays(5), known));
    }

    [Fact]
    public void A_place_is_held_by_one_row_at_any_moment()
    {
        Record(standings => standings.Waits(Day));
        Record(standings => standings.Reserves(Offer, 1500, Day.AddDays(10)));
        Record(standings => standings.Works(Placement, Offer, 1500, Day.AddDays(30), null));
        Record(standings => standings.WorksOn(Placement, 1200, Day.AddDays(60), null));
        // Also for an offer that is backdated to before the changes.
        Assert.Equal(1200, Held(Day.AddDays(1)));
        Record(standings => standings.Stops(Placement, Day.AddDays(90)));
        Assert.Equal(1200, Held(Day.AddDays(90)));
        Assert.Equal(0, Held(Day.AddDays(91)));
    }

    [Fact]
    public void A_correction_gives_the_reservation_back()
    {
        Record(standings => standings.Reserves(Offer, 1500, Day));
        Record(standings => standings.Works(Placement, Offer, 1400, Day.AddDays(5), null));
        Record(standings =>
        {
            Assert.Equal(Day.AddDays(5), standings.Unsay(Placement));
            standings.Reserves(Offer, 1500, Day.AddDays(5));
        });
        Assert.Equal((StandingKind.Reserved, 1500), On(Day.AddDays(4)));
        Assert.Equal((StandingKind.Reserved, 1500), On(Day.AddDays(5)));
        Assert.Equal(1500, Held(Day.AddDays(400)));
    }

    [Fact]
    public void Two_placements_of_one_person_count_together_and_end_apart()
    {
        var second = Ids.New();
        Record(standings => standings.Reserves(Offer, 1500, Day));
        Record(standings => standings.Works(Placement, Offer, 900, Day.AddDays(5), null));
        Record(standings => standings.Works(second, Offer, 600, Day.AddDays(7), null));
        Assert.Equal(1500, Held(Day.AddDays(7)));
        Record(standings =>
        {
            standings.Stops(Placement, Day.AddDays(20));
            Assert.True(standings.WorksElsewhere(Placement, Day.AddDays(21), Offer));
        });
        Assert.Equal(600, Held(Day.AddDays(21)));
    }

    [Fact]
    public void An_unknown_placement_is_named()
    {
        var standings = Standings();
        Assert.False(standings.WorksOn(Placement, 1, Day, null));
        Assert.False(standings.Stops(Placement, Day));
        Assert.Null(standings.Unsay(Placement));
        Assert.Null(standings.OfferOf(Placement));
    }

    /// <summary>Whatever happens in whatever order of days: nobody counts twice on one day, and every earlier view stays as it was.</summary>
    [Fact]
    public void Any_history_counts_a_case_at_most_once_a_day_and_rewrites_no_view() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 50]).Array[1, 12].Sample(steps =>
        {
            var test = new CaseStandingsTests();
            var views = new List<(DateTimeOffset Known, List<(StandingKind, int)?> Days)>();
            foreach (var (what, offset) in steps)
            {
                var day = Day.AddDays(offset);
                test.Record(standings =>
                {
                    if (what == 0) standings.Waits(day);
                    else if (what == 1) standings.Reserves(Offer, 1500, day);
                    else if (what == 2) standings.Leaves(day);
                    else if (what == 3) standings.IsServedOtherwise(day);
                    else standings.Waits(day.AddDays(3));
                });
                views.Add((test._now, test.Days(test._now)));
            }

            foreach (var (known, days) in views) Assert.Equal(days, test.Days(known));
        });

    private List<(StandingKind, int)?> Days(DateTimeOffset known) => [.. Enumerable.Range(-1, 60).Select(offset => On(Day.AddDays(offset), known))];

    private void Record(Action<CaseStandings> what)
    {
        _now = _now.AddSeconds(1);
        what(Standings());
    }

    private CaseStandings Standings() => new(Case, _now, _held, Add, row => Assert.True(_held.Remove(row)));

    private void Add(Standing row)
    {
        _rows.Add(row);
        _held.Add(row);
    }

    /// <summary>As what the case counts on a day; fails when it counts twice.</summary>
    private (StandingKind, int)? On(DateOnly day, DateTimeOffset? known = null)
    {
        var at = known ?? _now;
        var found = _rows.Where(row => row.RecordedAt <= at && (row.SupersededAt is null || row.SupersededAt > at) && row.FromOn <= day && row.Reaches(day)).ToList();
        Assert.True(found.Count <= 1, $"{found.Count} standings on {day}");
        return found.Count == 0 ? null : (found[0].Kind, found[0].Minutes);
    }

    private int Held(DateOnly day) => _rows
        .Where(row => row is { SupersededAt: null, Followed: false, Kind: StandingKind.Reserved or StandingKind.AtWork } && row.Reaches(day))
        .Sum(row => row.Minutes);
}
