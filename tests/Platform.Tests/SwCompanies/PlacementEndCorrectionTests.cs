using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

public sealed class PlacementEndCorrectionTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    private static readonly DateOnly Ended = Start.AddMonths(3);

    private static readonly DateOnly Agreed = Start.AddYears(1);

    /// <param name="lastDay">Null: it never ended.</param>
    private static CorrectPlacementEndRequest Correct(
        string placementId, DateOnly? lastDay, EndReason reason = EndReason.Regular, long expected = 0) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, NeverEnded = lastDay is null, LastDay = lastDay.ToDate(),
        Reason = lastDay is null ? EndReason.Unspecified : reason, ExpectedVersion = expected,
    };

    private async Task EndAsync(string placementId, DateOnly lastDay, EndReason reason = EndReason.Regular) =>
        await platform.AsCompany().EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = lastDay.ToDate(), Reason = reason,
        });

    /// <summary>A placement of a year that was ended after three months.</summary>
    private async Task<(Candidate Candidate, string PlacementId)> EndedAsync(EndReason reason = EndReason.Regular)
    {
        var placed = await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, Agreed));
        await EndAsync(placed.PlacementId, Ended, reason);
        return placed;
    }

    private async Task IsRefused(ErrorReason reason, CorrectPlacementEndRequest request, params string[] fields)
    {
        var refused = await RefusedAsync(platform.AsCompany().CorrectPlacementEndAsync(request));
        Assert.Equal(reason, refused.Reason);
        Assert.Equal(fields, refused.Fields);
    }

    private async Task<bool> IsInForceAsync(string placementId, DateOnly day)
    {
        var request = new ListPlacementsRequest { Municipality = Amsterdam, InForceOn = day.ToDate(), PageSize = 500 };
        var listed = await platform.AsMunicipality().ListPlacementsAsync(request);
        return listed.Placements.Any(placement => placement.PlacementId == placementId);
    }

    [Fact]
    public async Task An_end_that_never_was_is_taken_back_and_the_agreed_last_day_holds()
    {
        var (_, id) = await EndedAsync();
        Assert.False(await IsInForceAsync(id, Ended.AddDays(1)));
        var request = Correct(id, null);

        var answer = await platform.AsCompany().CorrectPlacementEndAsync(request);

        Assert.Equal((3L, answer), (answer.Version, await platform.AsCompany().CorrectPlacementEndAsync(request)));
        var placement = await platform.GetAsync(id);
        Assert.Equal(
            [
                new PlacementVersion { FromOn = Start.ToDate(), MinutesPerWeek = 1500, LastDay = Agreed.ToDate() },
                new PlacementVersion { AboutEnd = true, EndReason = EndReason.Regular, LastDay = Ended.ToDate() },
                new PlacementVersion { AboutEnd = true },
            ],
            placement.Versions);
        Assert.Equal((EndReason.Unspecified, 3L, Agreed.ToDate()), (placement.EndReason, placement.Version, placement.Report.LastDay));
        Assert.Equal([new PlacementHours { FromOn = Start.ToDate(), LastDay = Agreed.ToDate(), MinutesPerWeek = 1500 }], placement.Hours);
        Assert.True(await IsInForceAsync(id, Agreed));

        // It can end again.
        await EndAsync(id, Agreed, EndReason.NotRenewed);
    }

    [Fact]
    public async Task Another_day_or_reason_holds_instead()
    {
        var (_, id) = await EndedAsync();
        await platform.AsCompany().CorrectPlacementEndAsync(Correct(id, Ended.AddDays(10)));
        var dropout = Correct(id, Ended.AddDays(-10), EndReason.Dropout, expected: 3);
        dropout.Cause = EndCause.Moved;

        Assert.Equal(4, (await platform.AsCompany().CorrectPlacementEndAsync(dropout)).Version);

        var placement = await platform.GetAsync(id);
        Assert.Equal((EndReason.Dropout, EndCause.Moved), (placement.EndReason, placement.EndCause));
        Assert.Equal(
            [Agreed.ToDate(), Ended.ToDate(), Ended.AddDays(10).ToDate(), Ended.AddDays(-10).ToDate()],
            placement.Versions.Select(version => version.LastDay));
        Assert.Equal(Ended.AddDays(-10).ToDate(), placement.Hours.Single().LastDay);
    }

    [Fact]
    public async Task The_correction_is_told()
    {
        var (candidate, id) = await EndedAsync();
        await platform.AsCompany().CorrectPlacementEndAsync(Correct(id, Ended.AddDays(1), EndReason.Retired));
        await platform.AsCompany().CorrectPlacementEndAsync(Correct(id, null));

        var told = new List<PlacementEndCorrected>();
        var events = new EventService.EventServiceClient(platform.Municipality(Amsterdam));
        var page = new ReadEventsResponse();
        while (!page.EndReached)
        {
            var request = new ReadEventsRequest { Municipality = Amsterdam, Service = "swcompanies", After = page.ResumeToken };
            page = await events.ReadEventsAsync(request);
            told.AddRange(page.Events.Where(e => e.Subject == id && e.Data.Is(PlacementEndCorrected.Descriptor))
                .Select(e => e.Data.Unpack<PlacementEndCorrected>()));
        }

        var of = new PlacementEndCorrected { PlacementId = id, CaseId = candidate.CaseId, OfferId = candidate.OfferId };
        Assert.Equal(
            [
                new PlacementEndCorrected(of) { LastDay = Ended.AddDays(1).ToDate(), Reason = EndReason.Retired, Version = 3 },
                new PlacementEndCorrected(of) { Version = 4 },
            ],
            told);
    }

    [Fact]
    public async Task A_correction_that_says_nothing_new_or_what_cannot_be_is_refused()
    {
        var running = (await platform.PlacedAsync()).PlacementId;
        await IsRefused(ErrorReason.StateForbids, Correct(running, null));
        await IsRefused(ErrorReason.StateForbids, Correct(running, Ended));

        var (_, id) = await EndedAsync();
        await IsRefused(ErrorReason.DateBeforeItsBasis, Correct(id, Start.AddDays(-1)));
        await IsRefused(ErrorReason.StateForbids, Correct(id, Agreed.AddDays(1)));
        await IsRefused(ErrorReason.VersionChanged, Correct(id, null, expected: 1));
        await IsRefused(ErrorReason.InvalidFields, Correct(id, Ended), "last_day");
        await IsRefused(ErrorReason.InvalidFields, Correct(id, DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2)), "last_day");
        var neither = Correct(id, null);
        neither.NeverEnded = false;
        await IsRefused(ErrorReason.InvalidFields, neither, "last_day", "reason");
        var both = Correct(id, Ended, EndReason.Dropout);
        (both.NeverEnded, both.Cause) = (true, EndCause.Other);
        await IsRefused(ErrorReason.InvalidFields, both, "last_day", "reason", "cause");
        await IsRefused(ErrorReason.InvalidFields, Correct(id, Ended, EndReason.Dropout), "cause");
        await IsRefused(ErrorReason.NotFound, Correct(NewId(), null));
        Assert.Equal(2, (await platform.GetAsync(id)).Version);
    }

    [Fact]
    public async Task A_longer_stretch_stays_within_forty_hours_with_the_other_work()
    {
        var (candidate, id) = await EndedAsync();
        // Beside it on its last day, and more than fits beside it from the day after.
        var beside = await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Ended, Ended.AddDays(20), 900)));
        await platform.AsCompany().AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = beside.PlacementId,
            FromOn = Ended.AddDays(3).ToDate(), MinutesPerWeek = 901,
        });

        await IsRefused(ErrorReason.HoursExceedForty, Correct(id, null));
        await IsRefused(ErrorReason.HoursExceedForty, Correct(id, Ended.AddDays(3)));
        Assert.Equal(2, (await platform.GetAsync(id)).Version);
        Assert.Equal(3, (await platform.AsCompany().CorrectPlacementEndAsync(Correct(id, Ended.AddDays(2)))).Version);
    }

    [Fact]
    public async Task What_was_never_a_placement_is_one_after_all_and_the_other_way_round()
    {
        var (candidate, id) = await EndedAsync(EndReason.Correction);
        Assert.Empty((await platform.GetAsync(id)).Hours);
        Assert.False(await IsInForceAsync(id, Start));
        var filled = await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, Start, Start.AddDays(9), 2400)));

        // Its hours are counted again: with those that took their place they are too many.
        await IsRefused(ErrorReason.HoursExceedForty, Correct(id, null));
        await EndAsync(filled.PlacementId, Start);
        await IsRefused(ErrorReason.HoursExceedForty, Correct(id, null));
        await platform.AsCompany().CorrectPlacementEndAsync(Correct(filled.PlacementId, Start, EndReason.Correction));

        await platform.AsCompany().CorrectPlacementEndAsync(Correct(id, null));
        Assert.True(await IsInForceAsync(id, Start));
        Assert.False(await IsInForceAsync(filled.PlacementId, Start));
    }

    [Fact]
    public async Task A_company_corrects_its_own_and_a_municipality_what_concerns_its_people()
    {
        var (_, id) = await EndedAsync();
        var (zuid, uwv) = (platform.AsCompany(Zuid), new PlacementService.PlacementServiceClient(platform.Uwv()));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(zuid.CorrectPlacementEndAsync(Correct(id, null)))).Reason);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(uwv.CorrectPlacementEndAsync(Correct(id, null)))).Code);
        Assert.Equal(3, (await platform.AsMunicipality().CorrectPlacementEndAsync(Correct(id, null))).Version);
    }
}
