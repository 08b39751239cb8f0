using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What companies tell late, in another order or wrongly, through the public API of all services: the case follows by its dates.</summary>
public sealed class ToldWronglyTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Two_placements_on_one_offer_whose_ends_are_told_the_later_one_first()
    {
        var (caseId, offerId) = await AcceptedAsync();
        var a = await PlaceAsync(caseId, offerId, On(3, 5), 1200);
        var b = await PlaceAsync(caseId, offerId, On(3, 5), 600);
        await EndAsync(a, On(5, 31), EndReason.NotRenewed);
        await EndAsync(b, On(4, 30), EndReason.NotRenewed);

        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((true, OfferState.Lapsed), (found.DutyOpen, found.Offer.State));
        Assert.Equal(On(6, 1), (await LastAsync<PlaceFreed>(caseId, "place-freed")).FreedFrom);
        Assert.Equal(On(6, 1), (await LastAsync<DutyToOfferArose>(caseId, "duty-to-offer-arose")).AroseOn);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Theory]
    [InlineData(EndReason.NotRenewed, CaseState.DeterminedPositive)]
    [InlineData(EndReason.Banenafspraak, CaseState.Exited)]
    [InlineData(EndReason.Dropout, CaseState.DroppedOut)]
    public async Task A_forgotten_placement_joins_the_history(EndReason reason, CaseState state)
    {
        var (caseId, offerId) = await AcceptedAsync();
        await EndAsync(await PlaceAsync(caseId, offerId, On(4, 2)), On(4, 30), reason);
        await platform.BecomesAsync(caseId, state);
        var waiting = (await platform.LedgerAsync(Amsterdam, On(6, 1))).Waiting;

        await PlaceAsync(caseId, offerId, On(3, 5), 900, On(3, 30));

        await MunicipalityPlatform.Eventually(async () => (await platform.TimelineAsync(caseId)).Count(name => name == "placements-reported") == 2, "it is heard");
        Assert.Equal(state, (await platform.CaseAsync(caseId)).State);
        Assert.Equal(waiting, (await platform.LedgerAsync(Amsterdam, On(6, 1))).Waiting);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task An_end_of_the_wrong_placement_is_taken_back()
    {
        var (caseId, offerId) = await AcceptedAsync();
        var placement = await PlaceAsync(caseId, offerId, On(3, 5));
        await EndAsync(placement, On(4, 30), EndReason.Dropout);
        await platform.BecomesAsync(caseId, CaseState.DroppedOut);
        Assert.Equal(On(4, 30), (await platform.CaseAsync(caseId)).DroppedOutOn);
        var before = await platform.LedgerAsync(Amsterdam, On(6, 1));

        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, NeverEnded = true });

        await platform.BecomesAsync(caseId, CaseState.Placed);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((null, OfferState.Realised, 0), (found.DroppedOutOn, found.Offer.State, found.Discrepancies.Count));
        Assert.Equal("place-taken-again", (await platform.TimelineAsync(caseId))[^1]);
        Assert.Equal(before.PersonsAtWork + 1, (await platform.LedgerAsync(Amsterdam, On(6, 1))).PersonsAtWork);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task A_wrong_reason_and_day_are_corrected_and_everything_follows()
    {
        var (caseId, offerId) = await AcceptedAsync();
        var placement = await PlaceAsync(caseId, offerId, On(3, 5));
        await EndAsync(placement, On(4, 30), EndReason.Regular);
        await platform.BecomesAsync(caseId, CaseState.Exited);

        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(5, 31), Reason = EndReason.NotRenewed,
        });

        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        Assert.Equal(On(6, 1), (await LastAsync<PlaceFreed>(caseId, "place-freed")).FreedFrom);
        // A next place is offered, accepted and worked on, on the corrected basis.
        var next = Offer(caseId);
        (next.OfferedOn, next.PlannedStart) = (On(6, 4), On(6, 11));
        var second = (await platform.Cases().OfferPlaceAsync(next)).OfferId;
        var accept = Respond(caseId, second);
        accept.AnsweredOn = On(6, 5);
        await platform.Cases().RespondToOfferAsync(accept);
        await PlaceAsync(caseId, second, On(6, 11));
        await platform.BecomesAsync(caseId, CaseState.Placed);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task A_place_that_was_given_to_another_meanwhile_is_named_with_its_remedy()
    {
        // Utrecht has one place.
        var (first, offer) = await AcceptedAsync(Utrecht);
        var placement = await PlaceAsync(first, offer, On(3, 5), code: Utrecht);
        await EndAsync(placement, On(4, 30), EndReason.NotRenewed, Utrecht);
        await platform.BecomesAsync(first, CaseState.DeterminedPositive, Utrecht);
        var second = await platform.DeterminedAsync(Utrecht);
        var place = Offer(second, Utrecht);
        (place.OfferedOn, place.PlannedStart) = (On(5, 2), On(5, 7));
        Assert.False((await platform.Cases(Utrecht).OfferPlaceAsync(place)).AboveNumber);

        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Utrecht, RequestId = NewId(), PlacementId = placement, NeverEnded = true });

        await platform.BecomesAsync(first, CaseState.Placed, Utrecht);
        var detail = Assert.Single((await platform.CaseAsync(first, Utrecht)).DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.PlaceGivenAway, offer), (detail.Kind, detail.Fact));
        Assert.Contains("trek een aanbod in", detail.Remedy, StringComparison.Ordinal);
        Assert.Equal(["place-taken-again", "discrepancy-found"], (await platform.TimelineAsync(first, Utrecht))[^2..]);
        Assert.Equal(1000, (await platform.LedgerAsync(Utrecht, On(5, 3))).OverMilli);
    }

    [Fact]
    public async Task An_offer_that_was_made_on_a_wrong_end_is_named_until_it_is_withdrawn()
    {
        var (caseId, offerId) = await AcceptedAsync();
        var placement = await PlaceAsync(caseId, offerId, On(3, 5));
        await EndAsync(placement, On(4, 30), EndReason.NotRenewed);
        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        var next = Offer(caseId);
        (next.OfferedOn, next.PlannedStart) = (On(5, 2), On(5, 7));
        var second = (await platform.Cases().OfferPlaceAsync(next)).OfferId;

        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, NeverEnded = true });

        await platform.BecomesAsync(caseId, CaseState.Placed);
        var detail = Assert.Single((await platform.CaseAsync(caseId)).DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.OfferWhileAtWork, second), (detail.Kind, detail.Fact));
        await platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, OfferId = second, WithdrawnOn = On(5, 4), Reason = "De kandidaat werkt nog.",
        });
        Assert.Empty((await platform.CaseAsync(caseId)).Discrepancies);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task Hours_from_the_first_of_the_month_may_be_told_after_those_from_the_tenth()
    {
        var (caseId, offerId) = await AcceptedAsync();
        var placement = await PlaceAsync(caseId, offerId, On(3, 5));
        await platform.BecomesAsync(caseId, CaseState.Placed);
        var before = (await platform.LedgerAsync(Amsterdam, On(4, 5))).MinutesAtWork;
        foreach (var (day, minutes) in new[] { (On(4, 10), 1800), (On(4, 1), 1200) })
        {
            await platform.AsCompany.AmendPlacementAsync(new AmendPlacementRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, FromOn = day, MinutesPerWeek = minutes });
        }

        await MunicipalityPlatform.Eventually(async () => (await platform.LedgerAsync(Amsterdam, On(4, 5))).MinutesAtWork == before - 300, "both are heard");
        Assert.Equal(before + 300, (await platform.LedgerAsync(Amsterdam, On(4, 10))).MinutesAtWork);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task A_renewal_that_is_told_late_keeps_its_place()
    {
        var (caseId, offerId) = await AcceptedAsync();
        await PlaceAsync(caseId, offerId, On(3, 5), 1500, On(4, 30));
        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        Assert.Equal("place-freed", (await platform.TimelineAsync(caseId))[^2]);

        await PlaceAsync(caseId, offerId, On(5, 1));

        await platform.BecomesAsync(caseId, CaseState.Placed);
        Assert.Equal("place-taken-again", (await platform.TimelineAsync(caseId))[^1]);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task Moved_to_names_a_municipality()
    {
        var request = new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = await platform.OpenedAsync(), Reason = DropoutReason.Moved, MovedTo = "GM9998", DroppedOutOn = On(1, 5),
        };
        Assert.Equal(["moved_to"], (await RefusedAsync(platform.Cases().RecordDropoutAsync(request))).Fields);
        request.MovedTo = Utrecht;
        Assert.Equal(CaseState.DroppedOut, (await platform.Cases().RecordDropoutAsync(request)).State);
    }

    private async Task<(string CaseId, string OfferId)> AcceptedAsync(string code = Amsterdam)
    {
        var (caseId, offerId) = await platform.OfferedAsync(code);
        await platform.Cases(code).RespondToOfferAsync(Respond(caseId, offerId, code: code));
        return (caseId, offerId);
    }

    private async Task<string> PlaceAsync(string caseId, string offerId, Date start, int minutes = 1500, Date? last = null, string code = Amsterdam)
    {
        var request = Place(caseId, offerId, code);
        (request.Report.StartOn, request.Report.MinutesPerWeek, request.Report.LastDay) = (start, minutes, last);
        if (last is not null) request.Report.ContractType = ContractType.Fixed;
        return (await platform.AsCompany.ReportPlacementAsync(request)).PlacementId;
    }

    private async Task EndAsync(string placementId, Date lastDay, EndReason reason, string code = Amsterdam) => await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
    {
        Municipality = code, RequestId = NewId(), PlacementId = placementId, LastDay = lastDay, Reason = reason,
        Cause = reason == EndReason.Dropout ? EndCause.Illness : EndCause.Unspecified,
    });

    private async Task<T> LastAsync<T>(string caseId, string name) where T : class, Google.Protobuf.IMessage<T>, new()
    {
        var entries = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries;
        return entries.Last(entry => entry.Event.Type.EndsWith($".{name}.v1", StringComparison.Ordinal)).Event.Data.Unpack<T>();
    }
}
