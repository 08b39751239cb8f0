using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Places that were given away, by every way in which one comes free.</summary>
public sealed class PlacesGivenAwayTests : IAsyncLifetime
{
    private const string Reason = "Vergissing.";
    private readonly TwoPlacesPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    /// <summary>Amsterdam has two places, and three cases hold one.</summary>
    private async Task<(string Named, string Second, string Third)> ThreeHoldAsync()
    {
        var (named, offer) = await _platform.OfferedAsync();
        await _platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = named, OfferId = offer, WithdrawnOn = On(2, 21), Reason = Reason,
        });
        var others = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            others.Add(await _platform.DeterminedAsync());
            var place = Offer(others[i]);
            place.OfferedOn = On(2, 22);
            await _platform.Cases().OfferPlaceAsync(place);
        }

        await TakenAsync(named, "offer-withdrawn");
        Assert.Equal([DiscrepancyKind.PlaceGivenAway], (await _platform.CaseAsync(named)).Discrepancies);
        return (named, others[0], others[1]);
    }

    [Fact]
    public async Task A_place_that_was_given_away_is_named_no_more_when_two_that_hold_one_turn_out_to_be_one_person()
    {
        var (named, second, third) = await ThreeHoldAsync();
        await _platform.Cases().CorrectPersonAsync(new CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = second, Person = (await _platform.CaseAsync(third)).Person, CorrectedOn = On(3, 1), Reason = Reason,
            JoinCaseId = third,
        });
        Assert.Equal(0, (await _platform.LedgerAsync(Amsterdam, On(6, 1))).OverMilli);
        Assert.Empty((await _platform.CaseAsync(named)).Discrepancies);
    }

    [Fact]
    public async Task A_place_that_was_given_away_is_named_no_more_when_the_number_is_raised()
    {
        var (named, _, _) = await ThreeHoldAsync();
        var later = Regulation();
        later.Numbers[0].Number = 5;
        foreach (var dissolved in later.Numbers.Where(row => row.Municipality is "GM0007" or "GM0048").ToList()) later.Numbers.Remove(dissolved);
        later.Numbers.Add(Row(Westerwolde, 7));
        (later.StatedTotal, later.PublishedOn) = (93, On(6, 1));
        await _platform.Quotas.ImportQuotaRegulationAsync(later);
        Assert.Equal(0, (await _platform.LedgerAsync(Amsterdam, On(6, 1))).OverMilli);
        Assert.Empty((await _platform.CaseAsync(named)).Discrepancies);
    }

    [Fact]
    public async Task A_place_that_was_given_away_is_named_no_more_when_the_other_declines_or_drops_out()
    {
        var (named, second, _) = await ThreeHoldAsync();
        var offer = (await _platform.CaseAsync(second)).Offer.OfferId;
        await _platform.Cases().RespondToOfferAsync(Respond(second, offer, accepted: false, fitting: true));
        Assert.Empty((await _platform.CaseAsync(named)).Discrepancies);
        await TakenAsync(second, "offer-answered");
        Assert.Equal([DiscrepancyKind.PlaceGivenAway], (await _platform.CaseAsync(second)).Discrepancies);
    }

    /// <summary>Renewals of the past, told in bulk after the place was given to others; then ended, corrected and taken back.</summary>
    [Fact]
    public async Task Renewals_told_late_in_odd_orders()
    {
        var (first, offer) = await _platform.OfferedAsync();
        await _platform.Cases().RespondToOfferAsync(Respond(first, offer));
        await ReportAsync([Fixed(first, offer, On(3, 5), On(4, 30))]);
        await _platform.BecomesAsync(first, CaseState.DeterminedPositive);
        var others = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            others.Add(await _platform.DeterminedAsync());
            var place = Offer(others[i]);
            (place.OfferedOn, place.PlannedStart) = (On(5, 2), On(5, 7));
            Assert.False((await _platform.Cases().OfferPlaceAsync(place)).AboveNumber);
        }

        var renewals = new List<PlacementReport>();
        for (var month = 5; month < 12; month++) renewals.Add(Fixed(first, offer, On(month, 1), new DateOnly(2018, month, 1).AddMonths(1).AddDays(-1).ToDay()));
        renewals.Add(Place(first, offer).Report);
        renewals[^1].StartOn = On(12, 1);
        await ReportAsync([.. renewals]);
        await CaughtUpAsync();
        await ComparedAsync(first, others);
        Assert.Equal((CaseState.Placed, 1000), ((await _platform.CaseAsync(first)).State, (await _platform.LedgerAsync(Amsterdam, On(12, 15))).OverMilli));
        Assert.Equal([DiscrepancyKind.PlaceGivenAway], (await _platform.CaseAsync(first)).Discrepancies);

        var running = Placement(first);
        await _platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = running, LastDay = On(12, 20), Reason = EndReason.NotRenewed,
        });
        await CaughtUpAsync();
        await ComparedAsync(first, others);
        Assert.Empty((await _platform.CaseAsync(first)).Discrepancies);
        await _platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = running, NeverEnded = true });
        await CaughtUpAsync();
        await ComparedAsync(first, others);
        Assert.Equal([DiscrepancyKind.PlaceGivenAway], (await _platform.CaseAsync(first)).Discrepancies);
        await TakenAsync(others[0], "place-offered");
        await ComparedAsync(first, others);
        Assert.Empty((await _platform.CaseAsync(first)).Discrepancies);
    }

    private async Task ComparedAsync(string first, List<string> others)
    {
        // What others hold is no fact of the case: its rows say more than its history.
        if ((await _platform.CaseAsync(first)).Discrepancies.Count == 0) await CaseRows.OfAsync(_platform, first);
        foreach (var other in others) await CaseRows.OfAsync(_platform, other);
    }

    private string Placement(string caseId) => _platform.Cases().GetCaseTimeline(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId }).Entries
        .Where(entry => entry.Event.Type.Contains("placements-reported", StringComparison.Ordinal))
        .SelectMany(entry => entry.Event.Data.Unpack<PlacementsReported>().Placements).Single(placement => placement.LastDay is null).PlacementId;

    private async Task ReportAsync(PlacementReport[] reports)
    {
        using var call = _platform.AsCompany.ReportPlacements();
        var request = new ReportPlacementsRequest { Municipality = Amsterdam };
        request.Items.Add(reports.Select(report => new PlacementItem { PlacementId = NewId(), Report = report }));
        await call.RequestStream.SendAsync(request);
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            foreach (var answer in call.ResponseStream.Current.Answers) Assert.Null(answer.Refusal);
        }

        await CaughtUpAsync();
    }

    private static PlacementReport Fixed(string caseId, string offerId, Google.Type.Date from, Google.Type.Date last)
    {
        var report = Place(caseId, offerId).Report;
        (report.StartOn, report.LastDay, report.ContractType) = (from, last, ContractType.Fixed);
        return report;
    }

    private Task CaughtUpAsync() => _platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    private async Task TakenAsync(string caseId, string name) => await _platform.Cases().TakeBackActAsync(new TakeBackActRequest
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = Reason, TakenBackOn = On(12, 31),
        EventId = (await _platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries
            .Last(entry => entry.Event.Type.EndsWith($".{name}.v1", StringComparison.Ordinal)).Event.Id,
    });
}

file static class Days
{
    public static Google.Type.Date ToDay(this DateOnly day) => new() { Year = day.Year, Month = day.Month, Day = day.Day };
}
