using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Platform.Tests.Fixtures;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>A placement rests on what held on its first day, whatever became of it since and whatever was told first.</summary>
public sealed class FirstDayTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    private static readonly DateOnly LastDay = Start.AddMonths(6).AddDays(-1);

    private async Task PlaceAsync(Candidate candidate, DateOnly start, DateOnly lastDay, int minutes = 60) =>
        await platform.AsCompany().ReportPlacementAsync(Request(candidate, Report(candidate, start, lastDay, minutes)));

    private async Task IsRefused(ErrorReason reason, Candidate candidate, DateOnly start)
    {
        var report = Request(candidate, Report(candidate, start, start.AddDays(9), 60));
        Assert.Equal(reason, (await RefusedAsync(platform.AsCompany().ReportPlacementAsync(report))).Reason);
    }

    private async Task EndsAsync(string placementId) => await platform.AsCompany().EndPlacementAsync(new EndPlacementRequest
    {
        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = LastDay.ToDate(), Reason = EndReason.NotRenewed,
    });

    /// <summary>Municipalities tell something, and SwCompanies has heard it.</summary>
    private async Task ToldAsync(Candidate candidate, Google.Protobuf.IMessage told)
    {
        await platform.TellAsync(told, candidate.CaseId);
        // An offer that nobody knows makes SwCompanies ask for everything that has not arrived.
        await IsRefused(ErrorReason.NoAcceptedOffer, candidate with { OfferId = NewId() }, Start);
    }

    private static PlaceFreed Freed(Candidate candidate, DateOnly from) =>
        new() { CaseId = candidate.CaseId, OfferId = candidate.OfferId, FreedFrom = from.ToDate() };

    private static CaseDetermined Decided(Candidate candidate, Determination determination, DateOnly day) => new()
    {
        CaseId = candidate.CaseId,
        AdviceRequestId = NewId(),
        Determination = determination,
        DeterminedOn = day.ToDate(),
        NotifiedOn = day.ToDate(),
    };

    /// <summary>A candidate whose placement of half a year expired, so that the place was told to be free.</summary>
    private async Task<(Candidate Candidate, string PlacementId)> ExpiredAsync()
    {
        var placed = await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, LastDay));
        await ToldAsync(placed.Candidate, Freed(placed.Candidate, LastDay.AddDays(1)));
        return placed;
    }

    [Fact]
    public async Task A_forgotten_placement_is_accepted_although_the_decision_was_revised_later()
    {
        var (candidate, id) = await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, LastDay));
        await EndsAsync(id);
        var asked = new GetCaseRequest { Municipality = Amsterdam, CaseId = candidate.CaseId };
        await PlatformFixture.Eventually(
            async () => (await platform.Cases().GetCaseAsync(asked)).Case.State == CaseState.DeterminedPositive,
            "the candidate is to be offered a place again");
        var revised = LastDay.AddDays(20);
        await platform.Cases().DetermineCaseAsync(new DetermineCaseRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = candidate.CaseId, Determination = Determination.Negative,
            DeterminedOn = revised.ToDate(), NotifiedOn = revised.ToDate(), CarelessAdviceReason = "It left out what the company saw.",
        });
        await IsRefused(ErrorReason.NoPositiveDetermination, candidate, revised);

        await PlaceAsync(candidate, Start.AddMonths(1), Start.AddMonths(2));

        await IsRefused(ErrorReason.NoPositiveDetermination, candidate, Determined.AddDays(-1));
    }

    [Fact]
    public async Task A_start_before_the_first_decision_stays_refused()
    {
        var candidate = await platform.AcceptedAsync();
        await IsRefused(ErrorReason.StartBeforeDetermination, candidate, Determined.AddDays(-1));
        // A decision that was confirmed stands from its first day, and a negative one that is told late only from its own day.
        await ToldAsync(candidate, Decided(candidate, Determination.Positive, Start.AddDays(30)));
        await PlaceAsync(candidate, Start, Start.AddDays(3));
        await ToldAsync(candidate, Decided(candidate, Determination.Negative, Start.AddDays(20)));
        await PlaceAsync(candidate, Start.AddDays(4), Start.AddDays(8));
        await IsRefused(ErrorReason.StartBeforeDetermination, candidate, Start.AddDays(20));
        await PlaceAsync(candidate, Start.AddDays(30), Start.AddDays(33));
    }

    [Fact]
    public async Task The_day_from_which_a_place_is_free_is_the_one_told_last()
    {
        var candidate = await platform.AcceptedAsync();
        await ToldAsync(candidate, Freed(candidate, Start.AddDays(10)));
        await IsRefused(ErrorReason.NoAcceptedOffer, candidate, Start.AddDays(10));

        await ToldAsync(candidate, Freed(candidate, Start.AddDays(20)));
        await PlaceAsync(candidate, Start.AddDays(19), Start.AddDays(19));
        await IsRefused(ErrorReason.NoAcceptedOffer, candidate, Start.AddDays(21));

        await ToldAsync(candidate, Freed(candidate, Start.AddDays(5)));
        await IsRefused(ErrorReason.NoAcceptedOffer, candidate, Start.AddDays(9));

        await ToldAsync(candidate, new PlaceTakenAgain { CaseId = candidate.CaseId, OfferId = candidate.OfferId });
        await PlaceAsync(candidate, Start.AddDays(100), Start.AddDays(101));
    }

    [Fact]
    public async Task A_withdrawn_offer_stays_withdrawn_whatever_is_told_of_its_place()
    {
        var candidate = await platform.AcceptedAsync();
        var day = Start.AddDays(10);
        await ToldAsync(
            candidate, new OfferWithdrawn { CaseId = candidate.CaseId, OfferId = candidate.OfferId, WithdrawnOn = day.ToDate() });
        await ToldAsync(candidate, Freed(candidate, Start.AddDays(30)));
        await ToldAsync(candidate, new PlaceTakenAgain { CaseId = candidate.CaseId, OfferId = candidate.OfferId });
        await PlaceAsync(candidate, Start, day.AddDays(-1));

        await IsRefused(ErrorReason.NoAcceptedOffer, candidate, day);
    }

    [Fact]
    public async Task A_renewal_told_late_is_accepted_the_day_after_and_the_next_after_it()
    {
        var (candidate, _) = await ExpiredAsync();
        await PlaceAsync(candidate, LastDay.AddDays(1), LastDay.AddMonths(6));
        await PlaceAsync(candidate, LastDay.AddMonths(2), LastDay.AddMonths(3));
        await PlaceAsync(candidate, LastDay.AddMonths(6).AddDays(1), LastDay.AddMonths(12));
    }

    [Fact]
    public async Task With_a_day_in_between_it_is_no_renewal()
    {
        var (candidate, _) = await ExpiredAsync();
        await IsRefused(ErrorReason.NoAcceptedOffer, candidate, LastDay.AddDays(2));

        var other = await platform.AcceptedAsync();
        await IsRefused(ErrorReason.NoAcceptedOffer, other with { OfferId = candidate.OfferId }, LastDay.AddDays(1));
    }

    [Fact]
    public async Task A_placement_that_was_told_not_to_be_renewed_is_corrected_first()
    {
        var (candidate, id) = await platform.PlacedAsync(Report(new Candidate(Amsterdam, "", ""), Start, LastDay));
        await EndsAsync(id);
        await ToldAsync(candidate, Freed(candidate, LastDay.AddDays(1)));
        await IsRefused(ErrorReason.NoAcceptedOffer, candidate, LastDay.AddDays(1));

        await platform.AsCompany().CorrectPlacementEndAsync(new CorrectPlacementEndRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = id, NeverEnded = true,
        });

        await PlaceAsync(candidate, LastDay.AddDays(1), LastDay.AddMonths(6));
    }

    [Fact]
    public async Task A_stream_judges_by_the_first_day_too()
    {
        var (candidate, _) = await ExpiredAsync();
        var items = new[] { 2, 1, 3 }.Select(day => Report(candidate, LastDay.AddDays(day), LastDay.AddDays(day + 1), 60))
            .Select(report => new PlacementItem { PlacementId = NewId(), Report = report });
        using var call = platform.AsCompany().ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(30));
        await call.RequestStream.SendAsync(new ReportPlacementsRequest { Municipality = Amsterdam, Items = { items } });
        var answers = new List<PlacementAnswer>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) answers.AddRange(call.ResponseStream.Current.Answers);

        // The third renews the second.
        Assert.Equal([false, true, true], answers.Select(answer => answer.Accepted));
        Assert.Equal(ErrorReason.NoAcceptedOffer, answers[0].Refusal.Reason);
    }
}
