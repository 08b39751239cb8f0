using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>What a municipality tells of a case that it joined to another, before the join and after it.</summary>
public sealed class JoinedCasesTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    [Fact]
    public async Task An_event_that_names_the_old_id_after_the_join_is_about_the_case_that_stays()
    {
        var goes = await platform.AcceptedAsync();
        var stays = NewId();
        await platform.TellAsync(Join(stays, goes), stays);
        var later = NewId();
        await platform.TellAsync(new PlaceOffered { CaseId = goes.CaseId, OfferId = later, CompanyId = Noord, OfferedOn = Determined.ToDate() }, goes.CaseId);
        await platform.TellAsync(new OfferAnswered { CaseId = goes.CaseId, OfferId = later, Accepted = true, AnsweredOn = Answered.ToDate() }, goes.CaseId);

        var candidate = new Candidate(Amsterdam, stays, later);
        await platform.AsCompany().ReportPlacementAsync(Request(candidate));

        // The college decides again, and is told under the old id too.
        await platform.TellAsync(
            new CaseDetermined { CaseId = goes.CaseId, Determination = Determination.Negative, DeterminedOn = Start.ToDate(), NotifiedOn = Start.ToDate() }, goes.CaseId);
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        var next = Request(candidate, Report(candidate, Start.AddDays(1), Start.AddDays(2), 60));
        Assert.Equal(ErrorReason.NoPositiveDetermination, (await RefusedAsync(platform.AsCompany().ReportPlacementAsync(next))).Reason);
    }

    [Fact]
    public async Task Of_two_decisions_on_one_day_the_one_recorded_last_holds_whichever_case_stays()
    {
        var stays = await platform.OpenedAsync();
        await platform.TellAsync(
            new CaseDetermined { CaseId = stays, Determination = Determination.Negative, DeterminedOn = Determined.ToDate(), NotifiedOn = Determined.ToDate() }, stays);
        var goes = await platform.AcceptedAsync();
        await platform.TellAsync(Join(stays, goes), stays);

        await platform.AsCompany().ReportPlacementAsync(Request(goes with { CaseId = stays }));
    }

    [Fact]
    public async Task A_stream_takes_either_id_and_sums_their_hours()
    {
        var goes = await platform.AcceptedAsync();
        var stays = NewId();
        await platform.TellAsync(Join(stays, goes), stays);
        var reports = new[] { goes, goes with { CaseId = stays }, goes }.Select(candidate => Report(candidate, Start, Start, 1000)).ToList();
        using var call = platform.AsCompany().ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(30));
        await call.RequestStream.SendAsync(new ReportPlacementsRequest
        {
            Municipality = Amsterdam, Items = { reports.Select(report => new PlacementItem { PlacementId = NewId(), Report = report }) },
        });
        var answers = new List<PlacementAnswer>();
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) answers.AddRange(call.ResponseStream.Current.Answers);
        Assert.Equal(
            [ErrorReason.Unspecified, ErrorReason.Unspecified, ErrorReason.HoursExceedForty],
            answers.Select(answer => answer.Refusal?.Reason ?? ErrorReason.Unspecified));
    }

    private static CandidateCorrected Join(string stays, Candidate goes) =>
        new() { CaseId = stays, JoinedCaseId = goes.CaseId, CorrectedOn = Start.ToDate() };
}
