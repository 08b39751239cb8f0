using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Two offers, requests, decisions or dropouts of one person: what was done twice is put right, and the case is what it says.</summary>
public sealed class JoinedHistoriesTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private static CorrectPersonRequest Correct(string caseId, Person? person = null, string join = "") => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "Verkeerd nummer.", CorrectedOn = On(3, 1),
        JoinCaseId = join,
    };

    private static EndPlacementRequest End(string placement, Google.Type.Date last, EndReason reason, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), PlacementId = placement, LastDay = last, Reason = reason,
        Cause = reason == EndReason.Dropout ? EndCause.Illness : EndCause.Unspecified,
    };

    private async Task<AdviceRequest> AtUwvAsync(string id, string code = Amsterdam) =>
        (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = code, AdviceRequestId = id })).AdviceRequest;

    [Fact]
    public async Task Two_joined_cases_with_an_open_offer_each()
    {
        var one = await platform.OfferedAsync();
        var other = await platform.OfferedAsync();
        var answer = await platform.Cases().CorrectPersonAsync(Correct(one.CaseId, (await platform.CaseAsync(other.CaseId)).Person, other.CaseId));
        var found = await platform.CaseAsync(one.CaseId);
        // Out of it: one offer is withdrawn, the other accepted.
        var withdrawn = await platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = one.CaseId, OfferId = other.OfferId, WithdrawnOn = On(3, 2), Reason = "Dubbel.",
        });
        var respond = Respond(one.CaseId, one.OfferId);
        respond.AnsweredOn = On(3, 3);
        var responded = await platform.Cases().RespondToOfferAsync(respond);
        found = await platform.CaseAsync(one.CaseId);
        Assert.Equal((CaseState.OfferAccepted, false, 0), (found.State, found.DutyOpen, found.Discrepancies.Count));
    }

    [Fact]
    public async Task An_offer_that_stands_keeps_a_second_away_when_the_other_is_withdrawn()
    {
        var one = await platform.OfferedAsync();
        var other = await platform.OfferedAsync();
        await platform.Cases().CorrectPersonAsync(Correct(one.CaseId, (await platform.CaseAsync(other.CaseId)).Person, other.CaseId));
        await platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = one.CaseId, OfferId = other.OfferId, WithdrawnOn = On(3, 2), Reason = "Dubbel.",
        });
        var respond = Respond(one.CaseId, one.OfferId);
        respond.AnsweredOn = On(3, 3);
        await platform.Cases().RespondToOfferAsync(respond);
        var next = Offer(one.CaseId);
        (next.OfferedOn, next.PlannedStart) = (On(3, 4), On(3, 9));
        Assert.Equal(ErrorReason.OfferStands, (await RefusedAsync(platform.Cases().OfferPlaceAsync(next))).Reason);
    }

    [Fact]
    public async Task Remedy_of_a_placement_without_determination_works()
    {
        var placed = await platform.PlacedAsync();
        var (stays, _) = await platform.AdvisedAsync(positive: false);
        await platform.BecomesAsync(stays, CaseState.AdvisedNegative);
        var negative = Determine(stays, decision: Determination.Negative);
        await platform.Cases().DetermineCaseAsync(negative);
        var answer = await platform.Cases().CorrectPersonAsync(Correct(stays, (await platform.CaseAsync(placed.CaseId)).Person, placed.CaseId));
        var found = await platform.CaseAsync(stays);
        // What the remedy says: take a decision.
        var decide = Determine(stays);
        (decide.DeterminedOn, decide.NotifiedOn, decide.CarelessAdviceReason) = (On(6, 1), On(6, 1), "Onzorgvuldig.");
        await platform.Cases().DetermineCaseAsync(decide);
        found = await platform.CaseAsync(stays);
        found = await platform.CaseAsync(stays);
        Assert.DoesNotContain(DiscrepancyKind.PlacedWithoutDetermination, found.Discrepancies);
        Assert.Equal(CaseState.Placed, found.State);
    }

    [Fact]
    public async Task When_UWV_ends_one_of_two_requests_the_case_still_has_the_other()
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var a = await platform.OpenedAsync(person: wrong);
        var ra = (await platform.Cases().RequestAdviceAsync(Ask(a))).AdviceRequestId;
        var b = await platform.OpenedAsync(person: right);
        var rb = (await platform.Cases().RequestAdviceAsync(Ask(b))).AdviceRequestId;
        var answer = await platform.Cases().CorrectPersonAsync(Correct(a, right, b));
        Assert.True(answer.OtherRequestRunning);
        foreach (var ended in new[] { ra })
        {
            await platform.AsUwv.EndAdviceRequestAsync(new EndAdviceRequestRequest { Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = ended, Ending = AdviceEnding.AskedTwice, EndedOn = On(3, 2) });
            await MunicipalityPlatform.Eventually(async () => (await platform.TimelineAsync(a)).Contains("advice-withdrawn"), "heard");
        }

        var found = await platform.CaseAsync(a);
        var ask = Ask(a);
        ask.ReceivedOn = On(3, 3);
        Assert.Equal(ErrorReason.RequestAlreadyRunning, (await RefusedAsync(platform.Cases().RequestAdviceAsync(ask))).Reason);
        Assert.Equal((CaseState.Requested, rb), (found.State, found.AdviceRequestId));
    }

    [Fact]
    public async Task A_name_that_only_UWV_has_wrong_can_be_corrected()
    {
        var person = NewPerson();
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-eyes1", Amsterdam, person.Bsn));
        var own = await citizen.RequestAdviceAsync(new Contracts.Uwv.RequestAdviceRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = new Person(person) { Name = "Tikfout" }, Benefit = Benefit.Wia, Kind = AdviceKind.First,
            PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 3),
        });
        await citizen.WithdrawAdviceRequestAsync(new WithdrawAdviceRequestRequest { Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = own.AdviceRequestId, WithdrawnOn = On(1, 4) });
        var caseId = await platform.OpenedAsync(person: person);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        var there = await AtUwvAsync(asked);
        Assert.Equal("Tikfout", there.Person.Name);
        await platform.Cases().CorrectPersonAsync(Correct(caseId, person));
        there = await AtUwvAsync(asked);
        Assert.Equal((person, null), (there.Person, there.GivenPerson));
    }

    [Fact]
    public async Task After_several_corrections_at_once_UWV_knows_the_person_that_is_on_record_here()
    {
        for (var i = 0; i < 10; i++)
        {
            var person = NewPerson();
            var a = await platform.OpenedAsync(person: person);
            var ra = (await platform.Cases().RequestAdviceAsync(Ask(a))).AdviceRequestId;
            // Names, and numbers too.
            var (once, again) = (NewPerson(), NewPerson());
            Person[] given = [new Person(person) { Name = "Een" }, once, new Person(again) { Name = "Drie" }, person];
            await Task.WhenAll(given.Select(one => platform.Cases().CorrectPersonAsync(Correct(a, one)).ResponseAsync));
            Assert.Equal((await platform.CaseAsync(a)).Person, (await AtUwvAsync(ra)).Person);
        }
    }

    [Fact]
    public async Task A_dropout_that_both_tell_is_no_contradiction()
    {
        foreach (var last in new[] { On(3, 19), On(3, 20) })
        {
            var (caseId, offerId) = await AcceptedAsync();
            await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest { Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(3, 20) });
            var placed = await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId));
            await platform.BecomesAsync(caseId, CaseState.Placed);
            await platform.AsCompany.EndPlacementAsync(End(placed.PlacementId, last, EndReason.Dropout));
            await platform.BecomesAsync(caseId, CaseState.DroppedOut);
            var found = await platform.CaseAsync(caseId);
            await CaseRows.OfAsync(platform, caseId);
            Assert.Empty(found.Discrepancies);
        }
    }

    [Fact]
    public async Task A_later_advice_that_was_weighed_is_no_contradiction_any_more()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        await platform.AdviseAsync((await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId);
        await platform.Cases().DetermineCaseAsync(Determine(caseId));
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-eyes3", Amsterdam, person.Bsn));
        var own = await citizen.RequestAdviceAsync(new Contracts.Uwv.RequestAdviceRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Participatiewet, Kind = AdviceKind.First,
            PriorContact = PriorContact.Consulted, ReceivedOn = On(3, 1), NewFactsSinceEarlierAdvice = true,
        });
        Finding Found(bool answer) => new() { Answer = answer, Motivation = "Gezien." };
        await platform.AsUwv.RecordAssessmentAsync(new RecordAssessmentRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = own.AdviceRequestId, AssessedOn = On(3, 5),
            Assessment = new Assessment
            {
                WorkCapacity = new WorkCapacity { CanPerformTask = Found(true), HasBasicSkills = Found(true), CanWorkOneHour = Found(true), LoadableFourHours = Found(true) },
                Adaptation = Found(false), Guidance = Found(false), SupportNeeds = { SupportNeed.IntensiveGuidance },
            },
        });
        await platform.AsUwv.IssueAdviceAsync(new IssueAdviceRequest { Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = own.AdviceRequestId, IssuedOn = On(3, 8), Verdict = Verdict.Negative, Ground = Ground.RegularEmployerPossible });
        await MunicipalityPlatform.Eventually(async () => (await platform.CaseAsync(caseId)).Discrepancies.Count > 0, "heard");
        var found = await platform.CaseAsync(caseId);
        var confirm = Determine(caseId);
        (confirm.DeterminedOn, confirm.NotifiedOn, confirm.CarelessAdviceReason) = (On(4, 1), On(4, 1), "Weegt niet op.");
        var late = await platform.Cases().DetermineCaseAsync(confirm);
        Assert.False(late.DutyArose);
        found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DeterminedPositive, Verdict.Negative), (found.State, found.Verdict));
        Assert.Empty(found.Discrepancies);
    }

    [Fact]
    public async Task The_reason_of_the_decision_that_stands_is_kept_when_an_earlier_one_is_told_late()
    {
        var (caseId, _) = await platform.AdvisedAsync();
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        var negative = Determine(caseId, decision: Determination.Negative);
        (negative.CarelessAdviceReason, negative.DeterminedOn, negative.NotifiedOn) = ("Het advies was niet zorgvuldig.", On(2, 20), On(2, 20));
        await platform.Cases().DetermineCaseAsync(negative);
        await platform.Cases().DetermineCaseAsync(Determine(caseId));
        var after = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DeterminedNegative, "Het advies was niet zorgvuldig."), (after.State, after.DeviationReason));
        Assert.DoesNotContain("duty-to-offer-arose", await platform.TimelineAsync(caseId));
    }

    [Fact]
    public async Task Each_decision_keeps_its_own_reason_in_whatever_order_they_are_told()
    {
        var (caseId, _) = await platform.AdvisedAsync();
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        await DecideAsync(20, Determination.Negative, "Van de 20e: het onderzoek was te kort.");
        // Told later, and of earlier days.
        await DecideAsync(14, Determination.Positive, "");
        await DecideAsync(12, Determination.Negative, "Van de 12e: de arts was er niet.");

        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DeterminedNegative, "Van de 20e: het onderzoek was te kort."), (found.State, found.DeviationReason));
        var entries = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries;
        Assert.Equal(
            ["Van de 20e: het onderzoek was te kort.", "", "Van de 12e: de arts was er niet."],
            entries.Where(entry => entry.Event.Type.Contains("case-determined", StringComparison.Ordinal)).Select(entry => entry.Note));
        var listed = await platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500 });
        Assert.All(listed.Cases, one => Assert.Equal("", one.DeviationReason));

        async Task DecideAsync(int day, Determination decision, string reason)
        {
            var decide = Determine(caseId, decision: decision);
            (decide.DeterminedOn, decide.NotifiedOn, decide.CarelessAdviceReason) = (On(2, day), On(2, day), reason);
            await platform.Cases().DetermineCaseAsync(decide);
        }
    }

    [Fact]
    public async Task Nobody_asks_for_advice_on_a_day_before_a_dropout_that_is_known()
    {
        var caseId = await platform.OpenedAsync();
        await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(3, 9),
        });
        var ask = Ask(caseId);
        ask.ReceivedOn = On(3, 8);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.Cases().RequestAdviceAsync(ask))).Reason);
        ask.ReceivedOn = On(3, 9);
        await platform.Cases().RequestAdviceAsync(ask);
        Assert.Equal(CaseState.Requested, (await platform.CaseAsync(caseId)).State);
    }

    private async Task<(string CaseId, string OfferId)> AcceptedAsync()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        return (caseId, offerId);
    }
}
