using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.FromUwv;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What is on record of a person changes by one act, everywhere; anything else that differs is shown and changes nothing.</summary>
public sealed class CorrectPersonTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private static CorrectPersonRequest Correct(string caseId, Person? person = null, Benefit benefit = Benefit.Unspecified, string join = "") => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Benefit = benefit, Reason = "Verkeerd overgenomen van het formulier.",
        CorrectedOn = On(3, 1), JoinCaseId = join,
    };

    [Fact]
    public async Task What_a_colleague_types_differently_is_shown_and_changes_nothing()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var other = Open(person: new Person(person) { Name = "Een ander", BirthDate = On(5, 18, 1990) });
        other.Benefit = Benefit.Wajong;
        other.SupportNeeds.Add(SupportNeed.IntensiveGuidance);

        var answer = await platform.Cases().OpenCaseAsync(other);

        Assert.Equal((caseId, true), (answer.CaseId, answer.Existed));
        Assert.Equal(["person.name", "person.birth_date", "benefit", "support_needs"], answer.Differences);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((person, Benefit.Participatiewet), (found.Person, found.Benefit));
        Assert.Empty(found.SupportNeeds);
        Assert.Empty((await platform.Cases().OpenCaseAsync(Open(person: person))).Differences);
    }

    [Fact]
    public async Task What_a_citizen_writes_differently_is_named_until_it_is_settled()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-c1", Amsterdam, person.Bsn));
        var asked = await citizen.RequestAdviceAsync(FromCitizen(new Person(person) { Name = "Met een tikfout" }));
        await platform.AdviseAsync(asked.AdviceRequestId);

        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((person, Benefit.Participatiewet), (found.Person, found.Benefit));
        var detail = Assert.Single(found.DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.PersonDiffers, asked.AdviceRequestId), (detail.Kind, detail.Fact));

        await platform.Cases().DetermineCaseAsync(Determine(caseId));
        Assert.Equal([DiscrepancyKind.PersonDiffers], (await platform.CaseAsync(caseId)).Discrepancies);
        await platform.Cases().CorrectPersonAsync(Correct(caseId, new Person(person) { Name = "Zonder tikfout" }, Benefit.Wia));
        found = await platform.CaseAsync(caseId);
        Assert.Equal(("Zonder tikfout", Benefit.Wia, 0), (found.Person.Name, found.Benefit, found.Discrepancies.Count));
    }

    [Fact]
    public async Task A_correction_says_who_when_and_why_and_no_event_says_who_the_person_is()
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var right = new Person(person) { Name = "Goed gespeld" };
        var request = Correct(caseId, right);

        var answer = await platform.Cases().CorrectPersonAsync(request);

        Assert.Equal(answer, await platform.Cases().CorrectPersonAsync(request));
        Assert.Equal(right, (await platform.CaseAsync(caseId)).Person);
        var entry = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries[^1];
        Assert.Equal(("municipality:GM0363", request.Reason), (entry.Actor, entry.Note));
        Assert.Contains("art. 16", entry.LegalBasis);
        var told = entry.Event.Data.Unpack<CandidateCorrected>();
        Assert.Equal((On(3, 1), "", "person.name"), (told.CorrectedOn, told.JoinedCaseId, Assert.Single(told.Fields)));
        Assert.DoesNotContain("gespeld", told.ToByteString().ToStringUtf8(), StringComparison.Ordinal);

        Assert.Equal(["person"], (await RefusedAsync(platform.Cases().CorrectPersonAsync(Correct(caseId, right)))).Fields);
        var empty = Correct(caseId, new Person { Bsn = "123456789" });
        empty.Reason = "";
        var refused = await RefusedAsync(platform.Cases().CorrectPersonAsync(empty));
        Assert.Equal(["person.birth_date", "person.bsn", "person.name", "reason"], refused.Fields.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.Cases().CorrectPersonAsync(Correct(NewId(), right)))).Reason);
    }

    [Fact]
    public async Task Nobody_was_born_after_the_first_day_of_their_case_and_of_what_is_joined_to_it()
    {
        // The citizen asked on 8 January; a colleague opened a case on 20 January, and another one, under a wrong number, on the 15th.
        var person = NewPerson();
        var citizen = new AdviceService.AdviceServiceClient(platform.Citizen("burger-c3", Amsterdam, person.Bsn));
        var asked = await citizen.RequestAdviceAsync(FromCitizen(person));
        var open = Open(person: person);
        open.OpenedOn = On(1, 20);
        var caseId = (await platform.Cases().OpenCaseAsync(open)).CaseId;
        await platform.AdviseAsync(asked.AdviceRequestId);
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        open = Open();
        open.OpenedOn = On(1, 15);
        var second = (await platform.Cases().OpenCaseAsync(open)).CaseId;

        foreach (var correct in new[]
        {
            Correct(caseId, new Person(person) { BirthDate = On(1, 9) }),
            Correct(second, new Person(person) { BirthDate = On(1, 9) }, join: caseId),
        })
        {
            Assert.Equal(["person.birth_date"], (await RefusedAsync(platform.Cases().CorrectPersonAsync(correct))).Fields);
        }

        Assert.Equal(person, (await platform.CaseAsync(caseId)).Person);
        await platform.Cases().CorrectPersonAsync(Correct(caseId, new Person(person) { BirthDate = On(1, 8) }));
    }

    [Fact]
    public async Task A_wrong_BSN_is_corrected_everywhere_and_what_belongs_together_is_joined()
    {
        // The wrong number was asked about and advised; a colleague opened a second case under the right one and asked there.
        var (wrong, right) = (NewPerson(), NewPerson());
        var caseId = await platform.OpenedAsync(person: wrong);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await platform.AdviseAsync(asked);
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        var second = await platform.OpenedAsync(person: right);

        var answer = await platform.Cases().CorrectPersonAsync(Correct(caseId, right, join: second));

        Assert.Equal((second, CaseState.AdvisedPositive, false), (answer.JoinedCaseId, answer.State, answer.OtherRequestRunning));
        // The id that is gone leads to the case that stays, and the case goes on.
        Assert.Equal(caseId, (await platform.CaseAsync(second)).CaseId);
        Assert.Equal(right, (await platform.CaseAsync(caseId)).Person);
        Assert.Equal(caseId, (await platform.Cases().DetermineCaseAsync(Determine(second))).CaseId);
        Assert.Equal(2, (await platform.TimelineAsync(caseId)).Count(name => name == "case-opened"));
        Assert.DoesNotContain((await platform.Cases().ListCasesAsync(new ListCasesRequest { Municipality = Amsterdam, PageSize = 500 })).Cases, found => found.CaseId == second);

        // The old number finds nobody any more, here and in the national index; the right one finds the case.
        Assert.False((await platform.Cases().OpenCaseAsync(Open(person: wrong))).Existed);
        Assert.Equal(caseId, (await platform.Cases().OpenCaseAsync(Open(person: right))).CaseId);
        var elsewhere = await platform.Cases(Utrecht).OpenCaseAsync(Open(Utrecht, wrong));
        Assert.Equal(CaseState.Requested, (await platform.Cases(Utrecht).RequestAdviceAsync(Ask(elsewhere.CaseId, Utrecht))).State);
    }

    [Fact]
    public async Task Two_cases_are_joined_only_when_the_call_names_the_other_one()
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var caseId = await platform.OpenedAsync(person: wrong);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        var second = await platform.OpenedAsync(person: right);
        var third = await platform.OpenedAsync();

        foreach (var join in new[] { "", third, caseId })
        {
            var correct = Correct(caseId, right, join: join);
            var refused = await Assert.ThrowsAsync<RpcException>(() => platform.Cases().CorrectPersonAsync(correct).ResponseAsync);
            Assert.Equal(ErrorReason.PersonHasCase, RefusalStatus.ReasonOf(refused));
            Assert.Equal(second, refused.GetRpcStatus()!.GetDetail<ErrorInfo>().Metadata["case_id"]);
        }

        var nobody = await RefusedAsync(platform.Cases().CorrectPersonAsync(Correct(caseId, NewPerson(), join: second)));
        Assert.Equal(["join_case_id"], nobody.Fields);
        // Nothing of it happened, here or at UWV.
        Assert.Equal((wrong, right), ((await platform.CaseAsync(caseId)).Person, (await platform.CaseAsync(second)).Person));
        Assert.Equal(wrong, (await AtUwvAsync(asked)).Person);
        Assert.Equal(second, (await platform.Cases().CorrectPersonAsync(Correct(caseId, right, join: second))).JoinedCaseId);
        Assert.Equal(right, (await AtUwvAsync(asked)).Person);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_cases_that_are_corrected_crosswise_at_once_end_in_one_defined_state(bool join)
    {
        for (var i = 0; i < 5; i++)
        {
            var (a, b) = (NewPerson(), NewPerson());
            var (caseA, caseB) = (await platform.OpenedAsync(person: a), await platform.OpenedAsync(person: b));
            var askedA = (await platform.Cases().RequestAdviceAsync(Ask(caseA))).AdviceRequestId;
            var askedB = (await platform.Cases().RequestAdviceAsync(Ask(caseB))).AdviceRequestId;

            var outcomes = await Task.WhenAll(
                ReasonAsync(Correct(caseA, b, join: join ? caseB : "")), ReasonAsync(Correct(caseB, a, join: join ? caseA : "")));

            var (hereA, hereB) = (await platform.CaseAsync(caseA), await platform.CaseAsync(caseB));
            if (join)
            {
                // Whoever came first joined the two; for the other there is nothing to join any more.
                Assert.Equal(new[] { ErrorReason.Unspecified, ErrorReason.InvalidFields }, outcomes.Order());
                Assert.Equal(hereA, hereB);
                Assert.Equal(outcomes[0] == ErrorReason.Unspecified ? (caseA, b) : (caseB, a), (hereA.CaseId, hereA.Person));
            }
            else
            {
                Assert.Equal([ErrorReason.PersonHasCase, ErrorReason.PersonHasCase], outcomes);
                Assert.Equal((a, b), (hereA.Person, hereB.Person));
            }

            Assert.Equal((hereA.Person, hereB.Person), ((await AtUwvAsync(askedA)).Person, (await AtUwvAsync(askedB)).Person));
        }
    }

    [Fact]
    public async Task What_UWV_was_not_told_before_the_process_died_it_is_told_afterwards()
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var caseId = await platform.OpenedAsync(person: wrong);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await platform.Cases().CorrectPersonAsync(Correct(caseId, right));

        // As if the process died between the two: the correction is written and due, and UWV knows the person of before.
        await new AdviceService.AdviceServiceClient(platform.Service()).CorrectPersonAsync(new Contracts.Uwv.CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), AdviceRequestIds = { asked }, Person = wrong, CorrectedOn = On(3, 1),
        });
        var runtime = platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();
        await runtime.TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(WriteInfo.Capture(Caller.OfService("municipalities")), session =>
        {
            CorrectionsDue.Add(Guid.Parse(caseId), 1, session);
            return true;
        });
        await platform.RestartAsync();

        await MunicipalityPlatform.Eventually(async () => (await AtUwvAsync(asked)).Person.Equals(right), "UWV is told");
    }

    [Fact]
    public async Task A_citizens_request_stays_with_its_case_when_the_person_is_corrected_while_UWV_is_asked_whose_it_is()
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var caseId = await platform.OpenedAsync(person: wrong);
        var ask = FromCitizen(wrong);
        ask.SharedBeforeAdvice = true;
        var own = await new AdviceService.AdviceServiceClient(platform.Citizen("burger-c2", Amsterdam, wrong.Bsn)).RequestAdviceAsync(ask);
        await platform.BecomesAsync(caseId, CaseState.Requested);
        var asService = new AdviceService.AdviceServiceClient(platform.Service());
        var get = new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = own.AdviceRequestId };
        var before = (await asService.GetAdviceRequestAsync(get)).AdviceRequest;
        Assert.Equal(wrong, before.Person);
        await platform.Cases().CorrectPersonAsync(Correct(caseId, right));

        var runtime = platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();
        var found = await runtime.TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("municipalities")), session => CitizenCase.FindOrOpen(before, On(2, 5), session).CaseId);

        Assert.Equal(caseId, found.Text());
        await platform.AdviseAsync(own.AdviceRequestId);
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive);
        Assert.False((await platform.Cases().OpenCaseAsync(Open(person: wrong))).Existed);
    }

    [Fact]
    public async Task Two_cases_that_both_had_a_way_are_one_history()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        var placed = await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId));
        await platform.BecomesAsync(caseId, CaseState.Placed);
        var other = NewPerson();
        var goes = await platform.OpenedAsync(person: other);

        // The one under the wrong number stays, and the placement is the joined person's.
        var answer = await platform.Cases().CorrectPersonAsync(Correct(goes, (await platform.CaseAsync(caseId)).Person, join: caseId));
        Assert.Equal((caseId, CaseState.Placed), (answer.JoinedCaseId, answer.State));
        await platform.AsCompany.EndPlacementAsync(new Contracts.SwCompanies.EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placed.PlacementId, LastDay = On(4, 30), Reason = Contracts.SwCompanies.EndReason.Banenafspraak,
        });
        await platform.BecomesAsync(goes, CaseState.Exited);
        Assert.Equal(offerId, (await platform.CaseAsync(goes)).Offer.OfferId);
        await CaseRows.OfAsync(platform, goes);
    }

    /// <summary>Why it was refused; UNSPECIFIED when it was not.</summary>
    private async Task<ErrorReason> ReasonAsync(CorrectPersonRequest request)
    {
        try
        {
            await platform.Cases().CorrectPersonAsync(request);
            return ErrorReason.Unspecified;
        }
        catch (RpcException refused)
        {
            return RefusalStatus.ReasonOf(refused);
        }
    }

    private async Task<AdviceRequest> AtUwvAsync(string id) =>
        (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest;

    private static Contracts.Uwv.RequestAdviceRequest FromCitizen(Person person) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Wia, Kind = AdviceKind.First,
        PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8),
    };
}
