using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

public sealed class CaseFlowTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task The_timeline_names_the_service_that_asked_UWV_also_where_all_run_in_one_process()
    {
        var (caseId, adviceRequestId) = await platform.AdvisedAsync();
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        var get = new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId };
        var timeline = await platform.Cases().GetCaseTimelineAsync(get);
        var asked = timeline.Entries.Single(entry => entry.Event.Type.Contains("advice-requested", StringComparison.Ordinal));
        Assert.Equal((adviceRequestId, "service:municipalities"), (asked.Event.Subject, asked.Actor));
    }

    [Fact]
    public async Task From_request_to_work_and_out_of_it()
    {
        var (caseId, offerId, placementId) = await platform.PlacedAsync();
        var atWork = await platform.CaseAsync(caseId);
        Assert.Equal((OfferState.Realised, false, Verdict.Positive), (atWork.Offer.State, atWork.DutyOpen, atWork.Verdict));

        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = On(4, 30), Reason = EndReason.Banenafspraak,
        });
        await platform.BecomesAsync(caseId, CaseState.Exited);

        Assert.Equal(
            [
                "case-opened", "advice-requested", "assessment-recorded", "advice-issued", "case-determined", "duty-to-offer-arose",
                "place-offered", "offer-answered", "placements-reported", "placement-ended", "place-freed",
            ],
            await platform.TimelineAsync(caseId));
        var entries = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries;
        Assert.All(entries, entry => Assert.Contains("art.", entry.LegalBasis));
        Assert.Equal("municipality:GM0363", entries[0].Actor);
        Assert.Equal("uwv:uwv", entries[3].Actor);
        Assert.Equal("sw:wedeka", entries[8].Actor);
        var freed = entries[^1].Event.Data.Unpack<PlaceFreed>();
        Assert.Equal((offerId, On(5, 1)), (freed.OfferId, freed.FreedFrom));
        Assert.Equal(OfferState.Lapsed, (await platform.CaseAsync(caseId)).Offer.State);
    }

    [Fact]
    public async Task A_decision_is_not_refused_because_the_advice_has_not_arrived()
    {
        for (var i = 0; i < 10; i++)
        {
            var (caseId, adviceRequestId) = await platform.AdvisedAsync();
            var answer = await platform.Cases().DetermineCaseAsync(Determine(caseId));
            Assert.Equal((CaseState.DeterminedPositive, true), (answer.State, answer.DutyArose));
            Assert.Equal(adviceRequestId, (await platform.CaseAsync(caseId)).AdviceRequestId);
        }
    }

    [Fact]
    public async Task One_person_has_one_case()
    {
        var request = Open();
        var first = await platform.Cases().OpenCaseAsync(request);
        Assert.False(first.Existed);
        Assert.Equal(first, await platform.Cases().OpenCaseAsync(request));

        var again = await platform.Cases().OpenCaseAsync(Open(person: request.Person));
        Assert.Equal((first.CaseId, true), (again.CaseId, again.Existed));

        var elsewhere = await platform.Cases(Utrecht).OpenCaseAsync(Open(Utrecht, request.Person));
        Assert.False(elsewhere.Existed);
        Assert.NotEqual(first.CaseId, elsewhere.CaseId);
    }

    [Fact]
    public async Task The_person_is_shown_to_his_municipality_only()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        Assert.Equal(person, (await platform.CaseAsync(caseId)).Person);

        var byService = new CaseService.CaseServiceClient(platform.Service()).GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = caseId });
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(byService)).Reason);
        var listed = await platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500 });
        Assert.All(listed.Cases, found => Assert.Null(found.Person));
    }

    [Fact]
    public async Task Cases_are_listed_in_pages_and_by_state()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 5; i++) ids.Add(await platform.OpenedAsync(Groningen));
        var withdrawn = await platform.OpenedAsync(Groningen);
        await platform.Cases(Groningen).RecordDropoutAsync(new RecordDropoutRequest
        {
            Municipality = Groningen, RequestId = NewId(), CaseId = withdrawn, Reason = DropoutReason.Illness, DroppedOutOn = On(1, 3),
        });

        var found = new List<string>();
        var token = "";
        do
        {
            var page = await platform.Cases(Groningen).ListCasesAsync(new ListCasesRequest
            {
                Municipality = Groningen, PageSize = 2, PageToken = token, State = CaseState.Identified,
            });
            Assert.InRange(page.Cases.Count, 0, 2);
            found.AddRange(page.Cases.Select(item => item.CaseId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        Assert.Equal(ids.Order(), found.Order());
    }

    [Fact]
    public async Task A_citizen_s_own_request_becomes_a_case_that_he_may_answer_for()
    {
        var person = NewPerson();
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-1", Amsterdam, person.Bsn));
        var asked = await citizen.RequestAdviceAsync(FromCitizen(person));
        await platform.AdviseAsync(asked.AdviceRequestId);

        Case? found = null;
        await MunicipalityPlatform.Eventually(async () =>
        {
            var cases = (await platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500 })).Cases;
            found = cases.FirstOrDefault(item => item.AdviceRequestId == asked.AdviceRequestId);
            return found is not null;
        }, "case of the citizen");
        Assert.Equal((CandidateSource.Self, CaseState.AdvisedPositive, Benefit.Wia, true), (found!.Source, found.State, found.Benefit, found.KnownToMunicipality));
        Assert.Equal([SupportNeed.IntensiveGuidance], found.SupportNeeds);
        Assert.Equal(person, (await platform.CaseAsync(found.CaseId)).Person);
        Assert.Equal(["advice-issued", "case-opened"], (await platform.TimelineAsync(found.CaseId)).OrderBy(name => name == "case-opened"));

        await platform.Cases().DetermineCaseAsync(Determine(found.CaseId));
        var offerId = (await platform.Cases().OfferPlaceAsync(Offer(found.CaseId))).OfferId;
        var stranger = new CaseService.CaseServiceClient(platform.Citizen("burger-2", Amsterdam));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(stranger.RespondToOfferAsync(Respond(found.CaseId, offerId)))).Reason);
        var own = new CaseService.CaseServiceClient(platform.Citizen("burger-1", Amsterdam));
        Assert.Equal(CaseState.OfferAccepted, (await own.RespondToOfferAsync(Respond(found.CaseId, offerId))).State);
    }

    [Fact]
    public async Task A_citizen_s_own_request_joins_the_case_that_he_has()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-3", Amsterdam, person.Bsn));
        var asked = await citizen.RequestAdviceAsync(FromCitizen(person));
        // It is not shared: the municipality asks as if there were none, and hears both advices.
        var ours = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await platform.AdviseAsync(asked.AdviceRequestId, positive: false);

        await platform.BecomesAsync(caseId, CaseState.AdvisedNegative);
        Assert.Equal(CandidateSource.Bijstand, (await platform.CaseAsync(caseId)).Source);
        await platform.AdviseAsync(ours);
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        Assert.Equal(ours, (await platform.CaseAsync(caseId)).AdviceRequestId);
    }

    [Fact]
    public async Task Before_the_advice_a_municipality_sees_only_a_shared_request()
    {
        var ofOther = FromCitizen(NewPerson(), Utrecht);
        var hidden = await new AdviceService.AdviceServiceClient(platform.Citizen("burger-5", Utrecht, ofOther.Person.Bsn)).RequestAdviceAsync(ofOther);
        var request = FromCitizen(NewPerson(), Utrecht);
        request.SharedBeforeAdvice = true;
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-4", Utrecht, request.Person.Bsn));
        var shared = await citizen.RequestAdviceAsync(request);

        IReadOnlyList<Case> cases = [];
        await MunicipalityPlatform.Eventually(async () =>
        {
            cases = (await platform.Cases(Utrecht).ListCasesAsync(new ListCasesRequest { Municipality = Utrecht, PageSize = 500 })).Cases;
            return cases.Any(found => found.AdviceRequestId == shared.AdviceRequestId && found.State == CaseState.Requested);
        }, "case of the shared request");
        Assert.DoesNotContain(cases, found => found.AdviceRequestId == hidden.AdviceRequestId);

        await citizen.WithdrawAdviceRequestAsync(new WithdrawAdviceRequestRequest
        {
            Municipality = Utrecht, RequestId = NewId(), AdviceRequestId = shared.AdviceRequestId, WithdrawnOn = On(1, 10),
        });
        await platform.BecomesAsync(cases.Single(found => found.AdviceRequestId == shared.AdviceRequestId).CaseId, CaseState.AdviceWithdrawn, Utrecht);
    }

    [Fact]
    public async Task A_dropout_at_work_and_a_placement_that_never_was()
    {
        var (dropped, _, first) = await platform.PlacedAsync();
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = first, LastDay = On(3, 20), Reason = EndReason.Dropout, Cause = EndCause.Illness,
        });
        await platform.BecomesAsync(dropped, CaseState.DroppedOut);
        Assert.Equal(["placement-ended", "place-freed", "candidate-dropped-out"], (await platform.TimelineAsync(dropped))[^3..]);

        var (undone, _, second) = await platform.PlacedAsync();
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = second, LastDay = On(3, 5), Reason = EndReason.Correction,
        });
        await platform.BecomesAsync(undone, CaseState.OfferAccepted);
        Assert.Equal(OfferState.Accepted, (await platform.CaseAsync(undone)).Offer.State);
    }

    [Fact]
    public async Task An_advice_for_an_unknown_case_is_named_and_stops_nobody()
    {
        var request = FromCitizen(NewPerson());
        (request.Requester, request.PriorContact, request.RequesterReference) = (Requester.Municipality, PriorContact.Unspecified, NewId());
        var asked = await new AdviceService.AdviceServiceClient(platform.Service()).RequestAdviceAsync(request);
        await platform.AdviseAsync(asked.AdviceRequestId);
        // Catches up with everything that UWV raised, the advice above included.
        var (caseId, _) = await platform.AdvisedAsync();
        await platform.Cases().DetermineCaseAsync(Determine(caseId));

        var feed = new EventService.EventServiceClient(platform.Municipality(Amsterdam));
        var discrepancies = new List<DiscrepancyFound>();
        var after = "";
        ReadEventsResponse page;
        do
        {
            page = await feed.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = after, PageSize = 1000 });
            discrepancies.AddRange(page.Events.Where(found => found.Data.Is(DiscrepancyFound.Descriptor)).Select(found => found.Data.Unpack<DiscrepancyFound>()));
            after = page.ResumeToken;
        }
        while (!page.EndReached);
        Assert.Contains(new DiscrepancyFound { Kind = DiscrepancyKind.AdviceForUnknownCase, Fact = asked.AdviceRequestId }, discrepancies);
    }

    private static BeschutWerk.Contracts.Uwv.RequestAdviceRequest FromCitizen(Person person, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Wia, Kind = AdviceKind.First,
        PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8),
    };
}
