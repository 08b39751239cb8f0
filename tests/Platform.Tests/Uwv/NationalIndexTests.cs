using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Sector.Persons;
using BeschutWerk.UwvAdvice.Advising;
using BeschutWerk.UwvAdvice.National;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Uwv;

public sealed class NationalIndexTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    [Fact]
    public async Task A_person_has_one_running_request_in_the_country()
    {
        var person = UwvPlatform.NewPerson();
        var running = await platform.RequestedAsync(UwvPlatform.FromMunicipality(person));

        var elsewhere = UwvPlatform.FromCitizen(person, UwvPlatform.Utrecht);
        var citizen = platform.NewCitizen();
        var refused = await UwvPlatform.RefusedAsync(platform.AsCitizen(citizen, elsewhere).RequestAdviceAsync(elsewhere));
        Assert.Equal((ErrorReason.RequestAlreadyRunning, StatusCode.FailedPrecondition), (refused.Reason, refused.Code));

        await platform.AsMunicipality().WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(running));
        // The same call again: what was refused is decided anew, at once, without waiting for the withdrawal's event.
        Assert.Equal(Outcome.Investigate, (await platform.AsCitizen(citizen, elsewhere).RequestAdviceAsync(elsewhere)).Outcome);
    }

    [Theory]
    [InlineData(false, UwvPlatform.Amsterdam, false)]
    [InlineData(false, UwvPlatform.Utrecht, false)]
    [InlineData(true, UwvPlatform.Utrecht, false)]
    [InlineData(true, UwvPlatform.Amsterdam, true)]
    public async Task A_municipality_is_told_of_a_citizens_running_request_only_when_it_is_shared_with_it(bool shared, string municipality, bool isTold)
    {
        var person = UwvPlatform.NewPerson();
        var own = UwvPlatform.FromCitizen(person);
        own.SharedBeforeAdvice = shared;
        var ownId = await platform.RequestedAsync(own, platform.NewCitizen());

        var asked = UwvPlatform.FromMunicipality(person, municipality);
        if (isTold)
        {
            Assert.Equal(ErrorReason.RequestAlreadyRunning, (await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(asked))).Reason);
            return;
        }

        // As if there were none; UWV sees both, and both go on.
        var id = (await platform.AsService.RequestAdviceAsync(asked)).AdviceRequestId;
        var correct = new CorrectPersonRequest
        {
            Municipality = municipality, RequestId = UwvPlatform.NewId(), AdviceRequestIds = { id }, Person = person, CorrectedOn = UwvPlatform.Received.ToDate(),
        };
        Assert.False((await platform.AsService.CorrectPersonAsync(correct)).OtherRequestRunning);
        var again = UwvPlatform.FromMunicipality(person, municipality);
        (again.Kind, again.PreviousAdviceRequestId) = (AdviceKind.Repeat, ownId);
        Assert.Equal(ErrorReason.RequestAlreadyRunning, (await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(again))).Reason);
        await platform.AsUwv.EndAdviceRequestAsync(new EndAdviceRequestRequest
        {
            Municipality = municipality, RequestId = UwvPlatform.NewId(), AdviceRequestId = id, Ending = AdviceEnding.AskedTwice, EndedOn = UwvPlatform.Received.ToDate(),
        });
        // What it may not know is as unknown as what there is not.
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(again))).Reason);
        Assert.Equal(AdviceState.Requested, (await platform.AsUwv.GetAdviceRequestAsync(UwvPlatform.Get(ownId))).AdviceRequest.State);
    }

    [Fact]
    public async Task Of_many_requests_at_the_same_time_one_runs()
    {
        var person = UwvPlatform.NewPerson();
        var calls = Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                var request = UwvPlatform.FromMunicipality(person, i % 2 == 0 ? UwvPlatform.Amsterdam : UwvPlatform.Utrecht);
                return (await platform.AsService.RequestAdviceAsync(request)).AdviceRequestId;
            }
            catch (RpcException refused)
            {
                Assert.Equal(ErrorReason.RequestAlreadyRunning, RefusalStatus.ReasonOf(refused));
                return null;
            }
        });

        var stored = (await Task.WhenAll(calls)).Where(id => id is not null).ToList();

        Assert.Single(stored);
        var bsn = person.Bsn;
        var dossiers = new[] { UwvPlatform.Amsterdam, UwvPlatform.Utrecht }.Sum(code =>
            platform.Runtime.TenantStores.Get(TenantId.Parse(code)).Read(UwvPlatform.Self, session =>
                session.Persons.Find(bsn) is { } id ? session.Store.Dossiers.Count(dossier => dossier.PersonId == id) : 0));
        Assert.Equal(1, dossiers);
    }

    [Fact]
    public async Task An_earlier_advice_elsewhere_binds_the_persons_own_request()
    {
        var person = UwvPlatform.NewPerson();
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var own = UwvPlatform.FromCitizen(person, UwvPlatform.Utrecht);
        own.ReceivedOn = UwvPlatform.Issued.AddMonths(12).ToDate();

        var answer = await platform.AsCitizen(platform.NewCitizen(), own).RequestAdviceAsync(own);

        Assert.Equal((Outcome.Advice, Ground.RepeatWithinTwelveMonths, Verdict.Negative), (answer.Outcome, answer.Advice.Ground, answer.Advice.Verdict));
        Assert.Equal(own.ReceivedOn, answer.Advice.IssuedOn);
    }

    [Fact]
    public async Task New_facts_a_later_day_or_a_municipality_lead_to_investigation()
    {
        Action<RequestAdviceRequest>[] reasons =
        [
            request => request.NewFactsSinceEarlierAdvice = true,
            request => request.ReceivedOn = UwvPlatform.Issued.AddMonths(12).AddDays(1).ToDate(),
        ];
        foreach (var reason in reasons)
        {
            var person = UwvPlatform.NewPerson();
            await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
            var own = UwvPlatform.FromCitizen(person, UwvPlatform.Utrecht);
            own.ReceivedOn = UwvPlatform.Issued.AddMonths(1).ToDate();
            reason(own);
            Assert.Equal(Outcome.Investigate, (await platform.AsCitizen(platform.NewCitizen(), own).RequestAdviceAsync(own)).Outcome);
        }

        var again = UwvPlatform.NewPerson();
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(again));
        var asked = UwvPlatform.FromMunicipality(again, UwvPlatform.Utrecht);
        asked.ReceivedOn = UwvPlatform.Issued.AddMonths(1).ToDate();
        Assert.Equal(Outcome.Investigate, (await platform.AsService.RequestAdviceAsync(asked)).Outcome);
    }

    [Fact]
    public async Task Rules_that_contradict_each_other_are_for_a_human()
    {
        var (person, citizen) = (UwvPlatform.NewPerson(), platform.NewCitizen());
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var own = UwvPlatform.FromCitizen(person);
        own.ReceivedOn = UwvPlatform.Issued.AddDays(1).ToDate();
        own.OldWswAdvice = OldWswAdvice.NotAble;

        var answer = await platform.AsCitizen(citizen, own).RequestAdviceAsync(own);
        Assert.Equal(Outcome.LegalConflict, answer.Outcome);

        var assess = UwvPlatform.Assess(answer.AdviceRequestId);
        assess.AssessedOn = UwvPlatform.Issued.AddDays(20).ToDate();
        await platform.AsUwv.RecordAssessmentAsync(assess);
        var issue = UwvPlatform.Issue(answer.AdviceRequestId);
        issue.IssuedOn = UwvPlatform.Issued.AddDays(21).ToDate();
        Assert.Equal(AdviceState.Issued, (await platform.AsUwv.IssueAdviceAsync(issue)).State);
    }

    [Fact]
    public async Task A_fall_back_names_the_earlier_advice_of_the_same_person()
    {
        var (person, citizen) = (UwvPlatform.NewPerson(), platform.NewCitizen());
        var earlier = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var others = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var fallback = UwvPlatform.FromCitizen(person, UwvPlatform.Utrecht);
        fallback.Kind = AdviceKind.Fallback;
        fallback.ReceivedOn = UwvPlatform.Issued.AddMonths(6).ToDate();

        foreach (var unknown in new[] { UwvPlatform.NewId(), others })
        {
            fallback.PreviousAdviceRequestId = unknown;
            Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsCitizen(citizen, fallback).RequestAdviceAsync(fallback))).Reason);
        }
        fallback.PreviousAdviceRequestId = earlier;
        Assert.Equal(Outcome.Investigate, (await platform.AsCitizen(citizen, fallback).RequestAdviceAsync(fallback)).Outcome);
    }

    [Fact]
    public async Task There_is_no_fall_back_after_a_negative_advice()
    {
        var first = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        first.OldWswAdvice = OldWswAdvice.Able;
        var negative = await platform.RequestedAsync(first);
        var fallback = UwvPlatform.FromCitizen(first.Person);
        (fallback.Kind, fallback.PreviousAdviceRequestId) = (AdviceKind.Fallback, negative);

        Assert.Equal(ErrorReason.StateForbids, (await UwvPlatform.RefusedAsync(platform.AsCitizen(platform.NewCitizen(), fallback).RequestAdviceAsync(fallback))).Reason);
    }

    [Fact]
    public async Task A_claim_whose_call_died_is_taken_over_and_never_comes_back()
    {
        var person = UwvPlatform.NewPerson();
        var died = UwvPlatform.FromMunicipality(person);
        var claim = await ClaimAsync(died);

        var next = UwvPlatform.FromMunicipality(person, UwvPlatform.Utrecht);
        Assert.Equal(Outcome.Investigate, (await platform.AsService.RequestAdviceAsync(next)).Outcome);

        // The first call was only slow, and goes on now.
        var store = platform.Runtime.TenantStores.Get(TenantId.Parse(UwvPlatform.Amsterdam));
        var late = await Assert.ThrowsAsync<RefusalException>(() => store.WriteAsync(
            WriteInfo.Capture(UwvPlatform.Self), session => RequestAdvice.Run(died, claim, session)));
        Assert.Equal(ErrorReason.RequestAlreadyRunning, late.Refusal.Reason);
        Assert.Equal(ErrorReason.RequestAlreadyRunning, (await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(died))).Reason);
    }

    [Fact]
    public async Task A_call_that_died_after_its_claim_succeeds_when_it_is_repeated()
    {
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        var claim = await ClaimAsync(request);

        var answer = await platform.AsService.RequestAdviceAsync(request);

        Assert.Equal(claim.AdviceRequestId.ToString("D"), answer.AdviceRequestId);
    }

    [Fact]
    public async Task An_index_that_lost_its_rows_is_rebuilt_from_the_municipalities_own_stores()
    {
        var person = UwvPlatform.NewPerson();
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        await PlatformFixture.Eventually(() => Task.FromResult(IndexOf(id)?.State == AdviceState.Issued), "the index knows the advice");
        var before = IndexOf(id)!;

        await platform.Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(UwvPlatform.Self), session =>
            session.Command("DELETE FROM indexed_requests").ExecuteNonQuery() + session.Command("DELETE FROM sources WHERE service = 'uwv'").ExecuteNonQuery());
        await platform.RestartAsync();

        await PlatformFixture.Eventually(() => Task.FromResult(IndexOf(id)?.State == AdviceState.Issued), "the index is rebuilt");
        var after = IndexOf(id)!;
        Assert.Equal(before.PersonHash, after.PersonHash);
        Assert.Equal((before.Municipality, before.IssuedOn, before.Ground, before.Version), (after.Municipality, after.IssuedOn, after.Ground, after.Version));
    }

    [Fact]
    public async Task What_is_older_than_what_the_index_knows_changes_nothing()
    {
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        await PlatformFixture.Eventually(() => Task.FromResult(IndexOf(id)?.State == AdviceState.Issued), "the index knows the advice");
        var before = IndexOf(id)!;
        // Only AdviceRequested tells it: the events behind leave it as it was.
        Assert.Equal(Outcome.Investigate, before.Outcome);

        var older = new RequestState(AdviceState.Assessed, Outcome.LegalConflict, Verdict.Unspecified, Ground.Unspecified, null, before.Version - 1);
        Assert.True(await FollowAsync(Guid.Parse(id), older));
        var after = IndexOf(id)!;
        Assert.Equal(
            (before.State, before.Outcome, before.Verdict, before.Ground, before.IssuedOn, before.Version),
            (after.State, after.Outcome, after.Verdict, after.Ground, after.IssuedOn, after.Version));
        Assert.False(await FollowAsync(Guid.NewGuid(), older));

        Task<bool> FollowAsync(Guid request, RequestState standing) => platform.Runtime.PlatformStore.WriteAsync(
            WriteInfo.Capture(UwvPlatform.Self), session => session.Follow(request, standing));
    }

    private IndexedRequest? IndexOf(string id) => platform.Runtime.PlatformStore.Read(UwvPlatform.Self, session =>
    {
        var key = Guid.Parse(id);
        return session.Store.IndexedRequests.SingleOrDefault(row => row.AdviceRequestId == key);
    });

    // What RequestAdvice does before its own transaction; then the process dies.
    private async Task<RequestAdvice.Prepared> ClaimAsync(RequestAdviceRequest request)
    {
        var id = BeschutWerk.Backbone.Store.Caller.OfService("municipalities").IdFor(Guid.Parse(request.RequestId), $"advice-request {request.Municipality}");
        var received = RequestAdvice.Received(request, UwvPlatform.Self, id, personId: Guid.Empty, earlierAdviceOn: null);
        var claim = await platform.Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(UwvPlatform.Self), session => NationalIndex.Take(
            session, IndexedRequest.Of(received, request.Municipality, session.Persons.HashOf(request.Person.Bsn), Ids.New()), previous: null));
        return new RequestAdvice.Prepared(id, claim);
    }
}
