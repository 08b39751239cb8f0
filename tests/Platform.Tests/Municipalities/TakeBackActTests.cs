using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>A municipality takes back what it recorded wrongly, through the public API of all services.</summary>
public sealed class TakeBackActTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private const string Reason = "Bij de verkeerde persoon vastgelegd.";

    [Fact]
    public async Task An_act_that_later_facts_contradict_is_taken_back_and_the_discrepancy_ends()
    {
        var (caseId, _, placement) = await platform.PlacedAsync();
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(4, 30), Reason = EndReason.NotRenewed,
        });
        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        var place = Offer(caseId);
        (place.OfferedOn, place.PlannedStart) = (On(5, 2), On(5, 7));
        var offerId = (await platform.Cases().OfferPlaceAsync(place)).OfferId;
        var answer = Respond(caseId, offerId);
        answer.AnsweredOn = On(5, 3);
        await platform.Cases().RespondToOfferAsync(answer);
        var reserved = (await platform.LedgerAsync(Amsterdam, On(5, 4))).PersonsReserved;
        // The candidate had left sheltered work: nothing was owed.
        await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(4, 30), Reason = EndReason.Regular,
        });
        await platform.BecomesAsync(caseId, CaseState.Exited);
        var detail = Assert.Single((await platform.CaseAsync(caseId)).DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.ActContradicted, "place-offered of 2018-05-02"), (detail.Kind, detail.Fact));
        Assert.Contains("neem haar dan terug", detail.Remedy, StringComparison.Ordinal);

        // The answer goes with the offer.
        var taken = await Taken(caseId, await EventAsync(caseId, "place-offered"));

        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.Exited, taken.Version), (taken.State, found.Version));
        Assert.Empty(found.DiscrepancyDetails);
        Assert.NotEqual(offerId, found.Offer.OfferId);
        Assert.True((await platform.LedgerAsync(Amsterdam, On(5, 4))).PersonsReserved <= reserved);
        var entry = (await EntriesAsync(caseId))[^1];
        Assert.Equal((Reason, "municipality:" + Amsterdam), (entry.Note, entry.Actor));
        Assert.Equal((ActKind.Offer, On(5, 2), offerId), Said(entry.Event.Data.Unpack<ActTakenBack>()));
        await CaseRows.OfAsync(platform, caseId);
        var withdrawal = new WithdrawOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, OfferId = offerId, WithdrawnOn = On(5, 4), Reason = Reason,
        };
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.Cases().WithdrawOfferAsync(withdrawal))).Reason);
    }

    [Fact]
    public async Task A_dropout_that_never_was_leaves_the_offer_as_it_stood()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(2, 26),
        });
        Assert.Equal(CaseState.OfferAccepted, (await Taken(caseId, await EventAsync(caseId, "candidate-dropped-out"))).State);
        Assert.Equal("place-taken-again", (await platform.TimelineAsync(caseId))[^1]);
        // The company hears it: it may report the placement.
        await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId));
        await platform.BecomesAsync(caseId, CaseState.Placed);
        await CaseRows.OfAsync(platform, caseId);
    }

    /// <summary>UWV ended the request for the dropout, and does not go on with it.</summary>
    [Fact]
    public async Task After_a_dropout_that_never_was_advice_is_asked_anew()
    {
        var caseId = await platform.OpenedAsync();
        await platform.Cases().RequestAdviceAsync(Ask(caseId));
        await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(1, 15),
        });
        await MunicipalityPlatform.Eventually(
            async () => (await platform.TimelineAsync(caseId)).Contains("advice-withdrawn"), "UWV ends the request");
        Assert.Equal(CaseState.AdviceWithdrawn, (await Taken(caseId, await EventAsync(caseId, "candidate-dropped-out"))).State);
        var again = Ask(caseId);
        again.ReceivedOn = On(1, 16);
        Assert.Equal(CaseState.Requested, (await platform.Cases().RequestAdviceAsync(again)).State);
    }

    [Fact]
    public async Task A_decision_on_which_an_offer_rests_is_taken_back_after_the_offer()
    {
        var (caseId, _) = await platform.OfferedAsync();
        var decision = await EventAsync(caseId, "case-determined");
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => Taken(caseId, decision).ResponseAsync);
        Assert.Contains("place-offered of 2018-02-20", refused.Status.Detail, StringComparison.Ordinal);
        await Taken(caseId, await EventAsync(caseId, "place-offered"));
        Assert.Equal(CaseState.AdvisedPositive, (await Taken(caseId, decision)).State);
        await CaseRows.OfAsync(platform, caseId);
    }

    [Fact]
    public async Task What_work_or_a_decision_rests_on_stays()
    {
        var (caseId, _, _) = await platform.PlacedAsync();
        foreach (var name in new[] { "offer-answered", "place-offered", "case-determined" })
        {
            Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(Taken(caseId, await EventAsync(caseId, name)))).Reason);
        }

        foreach (var name in new[] { "advice-requested", "advice-issued", "placements-reported", "case-opened", "duty-to-offer-arose" })
        {
            Assert.Equal(ErrorReason.ActNotTakenBack, (await RefusedAsync(Taken(caseId, await EventAsync(caseId, name)))).Reason);
        }

        Assert.Equal(CaseState.Placed, (await platform.CaseAsync(caseId)).State);
    }

    [Fact]
    public async Task An_act_is_taken_back_once_and_only_of_its_own_case()
    {
        var caseId = await platform.DeterminedAsync();
        var decision = await EventAsync(caseId, "case-determined");
        var strangers = new[] { await EventAsync(await platform.DeterminedAsync(), "case-determined"), NewId() };
        foreach (var stranger in strangers) Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(Taken(caseId, stranger))).Reason);
        var elsewhere = platform.Cases(Utrecht).TakeBackActAsync(Request(caseId, decision, Utrecht));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(elsewhere)).Reason);
        var early = Request(caseId, decision);
        early.TakenBackOn = On(2, 11);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.Cases().TakeBackActAsync(early))).Reason);

        Assert.Equal(CaseState.AdvisedPositive, (await Taken(caseId, decision)).State);
        Assert.False((await platform.CaseAsync(caseId)).DutyOpen);
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(Taken(caseId, decision))).Reason);
        // What was right is recorded anew.
        var right = await platform.Cases().DetermineCaseAsync(Determine(caseId));
        Assert.Equal((CaseState.DeterminedPositive, true), (right.State, right.DutyArose));
    }

    [Fact]
    public async Task Acts_of_a_case_that_was_joined_are_taken_back_before_and_after()
    {
        var person = NewPerson();
        var goes = await platform.OpenedAsync(person: person);
        await platform.AdviseAsync((await platform.Cases().RequestAdviceAsync(Ask(goes))).AdviceRequestId);
        await platform.Cases().DetermineCaseAsync(Determine(goes));
        await platform.Cases().OfferPlaceAsync(Offer(goes));
        await Taken(goes, await EventAsync(goes, "place-offered"));
        var stays = await platform.OpenedAsync();
        var joined = await platform.Cases().CorrectPersonAsync(new Contracts.Municipalities.CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Person = person, CorrectedOn = On(3, 1),
            Reason = "Verkeerd BSN.", JoinCaseId = goes,
        });
        Assert.Equal((goes, CaseState.DeterminedPositive), (joined.JoinedCaseId, joined.State));

        var notes = (await EntriesAsync(stays)).Where(entry => entry.Note.Length > 0).Select(entry => entry.Note);
        Assert.Equal([Reason, "Verkeerd BSN."], notes);
        Assert.Equal(CaseState.AdvisedPositive, (await Taken(stays, await EventAsync(stays, "case-determined"))).State);
        await CaseRows.OfAsync(platform, stays);
    }

    /// <summary>Utrecht has one place.</summary>
    [Fact]
    public async Task A_place_that_was_given_to_another_meanwhile_is_named()
    {
        var (first, offer) = await platform.OfferedAsync(Utrecht);
        await platform.Cases(Utrecht).WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Utrecht, RequestId = NewId(), CaseId = first, OfferId = offer, WithdrawnOn = On(2, 21), Reason = Reason,
        });
        var other = Offer(await platform.DeterminedAsync(Utrecht), Utrecht);
        other.OfferedOn = On(2, 22);
        await platform.Cases(Utrecht).OfferPlaceAsync(other);

        var withdrawal = await EventAsync(first, "offer-withdrawn", Utrecht);
        Assert.Equal(CaseState.OfferOpen, (await platform.Cases(Utrecht).TakeBackActAsync(Request(first, withdrawal, Utrecht))).State);
        var detail = Assert.Single((await platform.CaseAsync(first, Utrecht)).DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.PlaceGivenAway, offer), (detail.Kind, detail.Fact));
    }

    private static (ActKind Kind, Google.Type.Date Day, string OfferId) Said(ActTakenBack act) => (act.Kind, act.ActOn, act.OfferId);

    private static TakeBackActRequest Request(string caseId, string eventId, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), CaseId = caseId, EventId = eventId, Reason = Reason, TakenBackOn = On(6, 1),
    };

    private Grpc.Core.AsyncUnaryCall<TakeBackActResponse> Taken(string caseId, string eventId) =>
        platform.Cases().TakeBackActAsync(Request(caseId, eventId));

    private async Task<string> EventAsync(string caseId, string name, string code = Amsterdam) =>
        (await EntriesAsync(caseId, code)).Last(entry => entry.Event.Type.EndsWith($".{name}.v1", StringComparison.Ordinal)).Event.Id;

    private async Task<IReadOnlyList<TimelineEntry>> EntriesAsync(string caseId, string code = Amsterdam) =>
        (await platform.Cases(code).GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = code, CaseId = caseId })).Entries;
}
