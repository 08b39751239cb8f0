using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

public sealed class PlacementChangeTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    private static readonly DateOnly LastDay = Start.AddYears(1);

    private static AmendPlacementRequest Amend(string placementId, DateOnly from) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, FromOn = from.ToDate(), MinutesPerWeek = 1800,
    };

    private static EndPlacementRequest End(string placementId, DateOnly lastDay, EndReason reason = EndReason.Regular) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = lastDay.ToDate(), Reason = reason,
    };

    private async Task<string> FixedAsync() => (await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, LastDay))).PlacementId;

    [Fact]
    public async Task A_change_is_a_new_version_and_the_old_stays()
    {
        var id = await FixedAsync();
        var request = Amend(id, Start.AddDays(30));
        request.LastDay = LastDay.AddDays(30).ToDate();

        Assert.Equal(2, (await platform.AsCompany().AmendPlacementAsync(request)).Version);

        var placement = await platform.GetAsync(id);
        Assert.Equal(
            [
                new PlacementVersion { FromOn = Start.ToDate(), MinutesPerWeek = 1500, LastDay = LastDay.ToDate() },
                new PlacementVersion { FromOn = Start.AddDays(30).ToDate(), MinutesPerWeek = 1800, LastDay = LastDay.AddDays(30).ToDate() },
            ],
            placement.Versions);
        Assert.Equal((1500, LastDay.ToDate(), 2L), (placement.Report.MinutesPerWeek, placement.Report.LastDay, placement.Version));
    }

    [Fact]
    public async Task A_change_that_rests_on_an_old_version_is_told_the_current_one()
    {
        var id = await FixedAsync();
        await platform.AsCompany().AmendPlacementAsync(Amend(id, Start.AddDays(30)));
        var late = Amend(id, Start.AddDays(60));
        late.ExpectedVersion = 1;

        var refused = await RefusedAsync(platform.AsCompany().AmendPlacementAsync(late));

        Assert.Equal((ErrorReason.VersionChanged, StatusCode.Aborted), (refused.Reason, refused.Code));
        Assert.Equal("2", refused.Error.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Metadata["version"]);
    }

    [Fact]
    public async Task More_hours_stay_within_forty_with_their_other_work()
    {
        var (candidate, id) = await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, LastDay));
        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start.AddDays(100), LastDay, 700)));

        Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany().AmendPlacementAsync(Amend(id, Start.AddDays(30))))).Reason);
    }

    private static PlacementHours Hours(DateOnly from, DateOnly lastDay, int minutes) =>
        new() { FromOn = from.ToDate(), LastDay = lastDay.ToDate(), MinutesPerWeek = minutes };

    private async Task IsRefused(ErrorReason reason, AmendPlacementRequest request) =>
        Assert.Equal(reason, (await RefusedAsync(platform.AsCompany().AmendPlacementAsync(request))).Reason);

    [Fact]
    public async Task Hours_told_late_hold_until_those_that_were_told_before()
    {
        var id = await FixedAsync();
        await platform.AsCompany().AmendPlacementAsync(Amend(id, Start.AddDays(40)));
        var late = Amend(id, Start.AddDays(31));
        late.MinutesPerWeek = 1200;

        Assert.Equal(3, (await platform.AsCompany().AmendPlacementAsync(late)).Version);

        Assert.Equal(
            [
                Hours(Start, Start.AddDays(30), 1500),
                Hours(Start.AddDays(31), Start.AddDays(39), 1200),
                Hours(Start.AddDays(40), LastDay, 1800),
            ],
            (await platform.GetAsync(id)).Hours);
        await IsRefused(ErrorReason.DateBeforeItsBasis, Amend(id, Start.AddDays(-1)));
    }

    [Fact]
    public async Task Hours_that_were_forgotten_are_told_after_the_end_and_the_end_stays()
    {
        var id = await FixedAsync();
        await platform.AsCompany().EndPlacementAsync(End(id, Start.AddDays(50)));

        Assert.Equal(3, (await platform.AsCompany().AmendPlacementAsync(Amend(id, Start.AddDays(50)))).Version);

        var placement = await platform.GetAsync(id);
        Assert.Equal([Hours(Start, Start.AddDays(49), 1500), Hours(Start.AddDays(50), Start.AddDays(50), 1800)], placement.Hours);
        Assert.Equal((EndReason.Regular, 3L), (placement.EndReason, placement.Version));
        var told = placement.Versions.Select(version => version.LastDay);
        Assert.Equal([LastDay.ToDate(), Start.AddDays(50).ToDate(), LastDay.ToDate()], told);
        await IsRefused(ErrorReason.StateForbids, Amend(id, Start.AddDays(51)));
    }

    [Fact]
    public async Task A_last_day_that_moves_keeps_the_hours_also_those_told_after_it()
    {
        var id = await FixedAsync();
        var moved = Amend(id, Start.AddDays(40));
        (moved.MinutesPerWeek, moved.LastDay) = (0, LastDay.AddDays(30).ToDate());
        await platform.AsCompany().AmendPlacementAsync(moved);
        await platform.AsCompany().AmendPlacementAsync(Amend(id, Start.AddDays(10)));

        var placement = await platform.GetAsync(id);
        Assert.Equal([Hours(Start, Start.AddDays(9), 1500), Hours(Start.AddDays(10), LastDay.AddDays(30), 1800)], placement.Hours);
        var told = placement.Versions.Select(version => (version.HoursKept, version.MinutesPerWeek));
        Assert.Equal([(false, 1500), (true, 1800), (false, 1800)], told);
    }

    [Fact]
    public async Task Forty_hours_are_looked_at_only_while_the_new_hours_hold()
    {
        var (candidate, id) = await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, LastDay));
        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start.AddDays(100), LastDay, 900)));
        await platform.AsCompany().AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = id, FromOn = Start.AddDays(100).ToDate(), MinutesPerWeek = 1400,
        });

        // From day 100 on other hours hold.
        await platform.AsCompany().AmendPlacementAsync(Amend(id, Start.AddDays(30)));
        await IsRefused(ErrorReason.HoursExceedForty, Amend(id, Start.AddDays(100)));
    }

    [Fact]
    public async Task A_change_must_change_something()
    {
        var request = Amend(await FixedAsync(), Start.AddDays(30));
        request.MinutesPerWeek = 0;
        Assert.Equal(ErrorReason.InvalidFields, (await RefusedAsync(platform.AsCompany().AmendPlacementAsync(request))).Reason);
    }

    [Fact]
    public async Task It_ends_once_and_the_end_is_told()
    {
        var id = await FixedAsync();
        var end = End(id, LastDay, EndReason.Dropout);
        Assert.Equal(["cause"], (await RefusedAsync(platform.AsCompany().EndPlacementAsync(end))).Fields);
        end.Cause = EndCause.Illness;

        var answer = await platform.AsCompany().EndPlacementAsync(end);

        Assert.Equal(answer, await platform.AsCompany().EndPlacementAsync(end));
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.AsCompany().EndPlacementAsync(End(id, LastDay)))).Reason);
        var moved = Amend(id, Start);
        moved.LastDay = LastDay.AddDays(1).ToDate();
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.AsCompany().AmendPlacementAsync(moved))).Reason);
        var placement = await platform.GetAsync(id);
        Assert.Equal((EndReason.Dropout, EndCause.Illness, 2L), (placement.EndReason, placement.EndCause, placement.Version));
    }

    [Fact]
    public async Task It_ends_within_its_days()
    {
        var id = await FixedAsync();
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.AsCompany().EndPlacementAsync(End(id, Start.AddDays(-1))))).Reason);
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.AsCompany().EndPlacementAsync(End(id, LastDay.AddDays(1))))).Reason);
        Assert.Equal(ErrorReason.InvalidFields, (await RefusedAsync(platform.AsCompany().EndPlacementAsync(End(id, new DateOnly(2999, 1, 1))))).Reason);
    }

    [Fact]
    public async Task What_never_was_a_placement_takes_no_hours()
    {
        var (candidate, id) = await platform.PlacedAsync();
        await platform.AsCompany().EndPlacementAsync(End(id, Start.AddYears(1), EndReason.Correction));

        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start, LastDay, 2400)));
    }

    [Fact]
    public async Task Another_companys_placement_does_not_exist_for_a_company()
    {
        var id = await FixedAsync();
        var zuid = platform.AsCompany(Zuid);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(zuid.GetPlacementAsync(new GetPlacementRequest { Municipality = Amsterdam, PlacementId = id }))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(zuid.AmendPlacementAsync(Amend(id, Start.AddDays(1))))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(zuid.EndPlacementAsync(End(id, LastDay)))).Reason);
        var own = await zuid.ListPlacementsAsync(new ListPlacementsRequest { Municipality = Amsterdam, PageSize = 500 });
        Assert.DoesNotContain(own.Placements, placement => placement.PlacementId == id);

        var inRotterdam = new GetPlacementRequest { Municipality = Rotterdam, PlacementId = id };
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.AsMunicipality(Rotterdam).GetPlacementAsync(inRotterdam))).Reason);
    }

    [Fact]
    public async Task A_municipality_may_change_and_end_what_concerns_its_people()
    {
        var id = await FixedAsync();
        await platform.AsMunicipality().AmendPlacementAsync(Amend(id, Start.AddDays(1)));
        Assert.Equal(3, (await platform.AsMunicipality().EndPlacementAsync(End(id, LastDay))).Version);
    }

    [Fact]
    public async Task Placements_are_listed_in_pages_and_by_the_day_on_which_they_are_in_force()
    {
        var candidate = await platform.AcceptedAsync(Rotterdam);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add((await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start.AddDays(10 * i), Start.AddDays((10 * i) + 9))))).PlacementId);
        await platform.AsCompany().AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Rotterdam, RequestId = NewId(), PlacementId = ids[1], FromOn = Start.AddDays(10).ToDate(), MinutesPerWeek = 60,
        });

        var listed = new List<Placement>();
        var request = new ListPlacementsRequest { Municipality = Rotterdam, PageSize = 2 };
        do
        {
            var page = await platform.AsMunicipality(Rotterdam).ListPlacementsAsync(request);
            Assert.InRange(page.Placements.Count, 1, 2);
            listed.AddRange(page.Placements);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(ids.Order(), listed.Select(placement => placement.PlacementId));
        Assert.Equal(2, listed.Single(placement => placement.PlacementId == ids[1]).Versions.Count);

        // The last day is worked.
        foreach (var (day, expected) in new[] { (9, ids[..1]), (10, ids[1..2]), (49, ids[4..]), (50, []) })
        {
            var inForce = await platform.AsCompany().ListPlacementsAsync(new ListPlacementsRequest { Municipality = Rotterdam, InForceOn = Start.AddDays(day).ToDate() });
            Assert.Equal(expected, inForce.Placements.Select(placement => placement.PlacementId));
        }

        request = new ListPlacementsRequest { Municipality = Rotterdam, PageToken = "elsewhere" };
        Assert.Equal(["page_token"], (await RefusedAsync(platform.AsCompany().ListPlacementsAsync(request))).Fields);
    }
}
