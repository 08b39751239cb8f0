using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.UwvAdvice;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What a citizen may ask, see and do is decided by the person whom their token names, and by the person on record now.</summary>
public sealed class CitizenPersonTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Who_asks_with_anothers_BSN_is_refused_is_told_nothing_and_changes_nothing()
    {
        // Ben asked himself, and has an offer; nobody has heard of the third.
        var (ben, unknown) = (NewPerson(), NewPerson());
        var (caseOfBen, request) = await AdvisedAsync("slachtoffer", ben);
        await platform.Cases().DetermineCaseAsync(Determine(caseOfBen));
        var offer = (await platform.Cases().OfferPlaceAsync(Offer(caseOfBen))).OfferId;
        var attacker = platform.Citizen("aanvaller", Amsterdam, NewPerson().Bsn);
        var before = await StoredAsync();

        var answers = new List<string>();
        foreach (var person in new[] { ben, new Person(ben) { Name = "Overschreven" }, unknown })
        {
            foreach (var kind in new[] { AdviceKind.First, AdviceKind.Repeat })
            {
                var ask = FromCitizen(person);
                (ask.Kind, ask.PreviousAdviceRequestId) = (kind, kind == AdviceKind.First ? "" : request);
                ask.SharedBeforeAdvice = true;
                ask.NewFactsSinceEarlierAdvice = true;
                var refused = await RefusedAsync(new AdviceService.AdviceServiceClient(attacker).RequestAdviceAsync(ask));
                Assert.Equal((ErrorReason.InvalidFields, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
                Assert.Equal(["person.bsn"], refused.Fields);
                answers.Add(refused.Descriptions);
            }
        }

        Assert.Single(answers.Distinct());
        Assert.Equal(before, await StoredAsync());
        foreach (var refused in await RefusalsAsync(attacker, request, caseOfBen, offer)) Assert.Equal(ErrorReason.NotFound, refused);
        var found = await platform.CaseAsync(caseOfBen);
        Assert.Equal((ben, CaseState.OfferOpen, 0), (found.Person, found.State, found.Discrepancies.Count));
        foreach (var person in new[] { ben, unknown })
            Assert.DoesNotContain(platform.Logged, line => line.Contains(person.Bsn, StringComparison.Ordinal));

        // The right one answers, and also under another pseudonym, of another portal or since it numbered its citizens anew.
        var himself = platform.Citizen("slachtoffer-anders", Amsterdam, ben.Bsn);
        Assert.Contains(request, await ListedAsync(himself, AdviceState.Issued));
        Assert.Equal(CaseState.OfferAccepted, await AcceptedAsync(himself, caseOfBen, offer));
    }

    [Fact]
    public async Task A_citizen_answers_the_offer_of_their_own_case_also_when_the_municipality_asked()
    {
        var person = NewPerson();
        var (caseId, offer) = await OfferedAsync(await platform.OpenedAsync(person: person));

        Assert.Equal([ErrorReason.NotFound], await RefusalsAsync(platform.Citizen("iemand-anders", Amsterdam), null, caseId, offer));
        var own = platform.Citizen("van-de-gemeente", Amsterdam, person.Bsn);
        Assert.Equal(CaseState.OfferAccepted, await AcceptedAsync(own, caseId, offer));
        // What UWV holds of the municipality's request is not a request of theirs.
        var asked = (await platform.CaseAsync(caseId)).AdviceRequestId;
        Assert.All(await RefusalsAsync(own, asked, null, null), refused => Assert.Equal(ErrorReason.NotFound, refused));
    }

    /// <summary>The municipality opened Ben's case under Ann's number. Ann asked UWV herself, and her request came into that case.</summary>
    [Fact]
    public async Task After_a_correction_the_earlier_citizen_may_not_act_on_the_case_and_the_right_one_may()
    {
        var (ann, ben) = (NewPerson(), NewPerson());
        var caseOfBen = await platform.OpenedAsync(person: ann);
        var request = await AskAsync("ann-c", ann);
        var ours = (await platform.Cases().RequestAdviceAsync(Ask(caseOfBen))).AdviceRequestId;
        await platform.AdviseAsync(request);
        await platform.AdviseAsync(ours);
        await platform.BecomesAsync(caseOfBen, CaseState.AdvisedPositive);
        await platform.Cases().DetermineCaseAsync(Determine(caseOfBen));
        var offer = (await platform.Cases().OfferPlaceAsync(Offer(caseOfBen))).OfferId;
        var (asAnn, asBen) = (platform.Citizen("ann-c", Amsterdam), platform.Citizen("ben-c", Amsterdam, ben.Bsn));
        Assert.Equal([ErrorReason.NotFound], await RefusalsAsync(asBen, null, caseOfBen, offer));

        await platform.Cases().CorrectPersonAsync(Correct(caseOfBen, ben));

        // The request names her, and is looked at.
        var detail = Assert.Single((await platform.CaseAsync(caseOfBen)).DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.PersonDiffers, request), (detail.Kind, detail.Fact));
        Assert.Equal([ErrorReason.NotFound], await RefusalsAsync(asAnn, null, caseOfBen, offer));
        Assert.Equal(CaseState.OfferOpen, (await platform.CaseAsync(caseOfBen)).State);
        Assert.Equal(CaseState.OfferAccepted, await AcceptedAsync(asBen, caseOfBen, offer));

        // It stays hers at UWV, also when the municipality says it again; the adviser sees both, and Ben nothing of it.
        await platform.Cases().CorrectPersonAsync(Correct(caseOfBen, ben));
        Assert.Empty((await platform.CaseAsync(caseOfBen)).DiscrepancyDetails);
        var seen = await AtUwvAsync(request);
        Assert.Equal((ann, ben), (seen.Person, seen.GivenPerson));
        seen = await AtUwvAsync(ours);
        Assert.Equal((ben, null), (seen.Person, seen.GivenPerson));
        Assert.Equal([request], await ListedAsync(asAnn, AdviceState.Issued));
        Assert.Empty(await ListedAsync(asBen, AdviceState.Issued));
        Assert.All(await RefusalsAsync(asBen, request, null, null), refused => Assert.Equal(ErrorReason.NotFound, refused));
        Assert.Equal(request, await SeenAsync(asAnn, request));
    }

    [Fact]
    public async Task Who_was_swapped_acts_on_the_case_that_is_theirs_now()
    {
        var (ann, ben) = (NewPerson(), NewPerson());
        var (caseOfBen, offerOfBen) = await OfferedAsync(await platform.OpenedAsync(person: ann));
        var (caseOfAnn, offerOfAnn) = await OfferedAsync(await platform.OpenedAsync(person: ben));
        var swap = Correct(caseOfBen, ben);
        (swap.SwapWithCaseId, swap.SwapWithPerson) = (caseOfAnn, ann);
        await platform.Cases().CorrectPersonAsync(swap);

        var (asAnn, asBen) = (platform.Citizen("ann-s", Amsterdam, ann.Bsn), platform.Citizen("ben-s", Amsterdam, ben.Bsn));
        Assert.Equal([ErrorReason.NotFound], await RefusalsAsync(asAnn, null, caseOfBen, offerOfBen));
        Assert.Equal([ErrorReason.NotFound], await RefusalsAsync(asBen, null, caseOfAnn, offerOfAnn));
        Assert.Equal(CaseState.OfferAccepted, await AcceptedAsync(asAnn, caseOfAnn, offerOfAnn));
        Assert.Equal(CaseState.OfferAccepted, await AcceptedAsync(asBen, caseOfBen, offerOfBen));
    }

    [Fact]
    public async Task Cases_that_are_joined_are_the_right_persons_under_both_ids()
    {
        // Under the wrong number an offer was made; whose it is has a case by her own request.
        var (wrong, ann) = (NewPerson(), NewPerson());
        var (stays, offer) = await OfferedAsync(await platform.OpenedAsync(person: wrong));
        var (goes, _) = await AdvisedAsync("ann-j", ann);
        await platform.Cases().CorrectPersonAsync(new CorrectPersonRequest(Correct(stays, ann)) { JoinCaseId = goes });

        Assert.DoesNotContain(DiscrepancyKind.PersonDiffers, (await platform.CaseAsync(stays)).Discrepancies);
        var (asWrong, asAnn) = (platform.Citizen("fout-j", Amsterdam, wrong.Bsn), platform.Citizen("ann-j", Amsterdam));
        foreach (var id in new[] { stays, goes }) Assert.Equal([ErrorReason.NotFound], await RefusalsAsync(asWrong, null, id, offer));
        Assert.Equal(CaseState.OfferAccepted, await AcceptedAsync(asAnn, goes, offer));
    }

    /// <summary>Before tokens named a person, a request could be anybody's: who sees it now is who it is about.</summary>
    [Fact]
    public async Task A_request_from_before_tokens_named_a_person_is_whose_record_it_is()
    {
        var (ann, ben, right) = (NewPerson(), NewPerson(), NewPerson());
        var (ofAnn, ofBen) = (await AskAsync("ann-v", ann), await AskAsync("ben-v", ben));
        // What Ben asked was asked under Ann's pseudonym then.
        var rowOfBen = ofBen.Replace("-", "", StringComparison.Ordinal);
        await WriteAsync($"UPDATE dossiers SET asked_by = '{PlatformFixture.Pseudonym("ann-v")}' WHERE advice_request_id = x'{rowOfBen}'");
        await WriteAsync("DELETE FROM citizens");
        var (asAnn, asBen) = (platform.Citizen("ann-v", Amsterdam), platform.Citizen("ben-v", Amsterdam));

        Assert.Equal([ofAnn], await ListedAsync(asAnn, AdviceState.Requested));
        Assert.All(await RefusalsAsync(asAnn, ofBen, null, null), refused => Assert.Equal(ErrorReason.NotFound, refused));
        Assert.Equal(ofBen, await SeenAsync(asBen, ofBen));

        // Nobody vouched for its number, so the municipality corrects it.
        await platform.AdviseAsync(ofAnn);
        var caseId = await CaseOfAsync(ann);
        await platform.Cases().CorrectPersonAsync(Correct(caseId, right));
        Assert.Equal((right, null), ((await AtUwvAsync(ofAnn)).Person, (await AtUwvAsync(ofAnn)).GivenPerson));
        Assert.All(await RefusalsAsync(asAnn, ofAnn, null, null), refused => Assert.Equal(ErrorReason.NotFound, refused));
        Assert.Empty(await ListedAsync(asAnn, AdviceState.Issued));
        Assert.Equal(ofAnn, await SeenAsync(platform.Citizen("juist-v", Amsterdam, right.Bsn), ofAnn));
    }

    /// <summary>Why each call that a citizen may make about a request, a case or an offer is refused; UNSPECIFIED when it is not.</summary>
    private static async Task<List<ErrorReason>> RefusalsAsync(CallInvoker citizen, string? request, string? caseId, string? offer)
    {
        var (uwv, cases) = (new AdviceService.AdviceServiceClient(citizen), new CaseService.CaseServiceClient(citizen));
        var refusals = new List<ErrorReason>();
        if (request is not null)
        {
            refusals.Add(await ReasonAsync(uwv.GetAdviceRequestAsync(new() { Municipality = Amsterdam, AdviceRequestId = request })));
            refusals.Add(await ReasonAsync(uwv.ExplainAdviceAsync(new() { Municipality = Amsterdam, AdviceRequestId = request })));
            refusals.Add(await ReasonAsync(uwv.WithdrawAdviceRequestAsync(
                new() { Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = request, WithdrawnOn = On(2, 20) })));
            foreach (var state in Enum.GetValues<AdviceState>()) Assert.DoesNotContain(request, await ListedAsync(citizen, state));
        }

        if (caseId is not null) refusals.Add(await ReasonAsync(cases.RespondToOfferAsync(Respond(caseId, offer!, accepted: false, fitting: true))));
        return refusals;

        static async Task<ErrorReason> ReasonAsync<T>(AsyncUnaryCall<T> call)
        {
            try
            {
                await call;
                return ErrorReason.Unspecified;
            }
            catch (RpcException refused)
            {
                return RefusalStatus.ReasonOf(refused);
            }
        }
    }

    private static async Task<List<string>> ListedAsync(CallInvoker citizen, AdviceState state) =>
    [
        .. (await new AdviceService.AdviceServiceClient(citizen).ListAdviceRequestsAsync(new() { Municipality = Amsterdam, State = state, PageSize = 500 }))
            .AdviceRequests.Select(request => request.AdviceRequestId),
    ];

    private static async Task<CaseState> AcceptedAsync(CallInvoker citizen, string caseId, string offer) =>
        (await new CaseService.CaseServiceClient(citizen).RespondToOfferAsync(Respond(caseId, offer))).State;

    private static async Task<string> SeenAsync(CallInvoker citizen, string request)
    {
        var get = new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = request };
        return (await new AdviceService.AdviceServiceClient(citizen).GetAdviceRequestAsync(get)).AdviceRequest.AdviceRequestId;
    }

    private async Task<string> AskAsync(string citizen, Person person) =>
        (await new AdviceService.AdviceServiceClient(platform.Citizen(citizen, Amsterdam, person.Bsn)).RequestAdviceAsync(FromCitizen(person))).AdviceRequestId;

    /// <summary>The case that the advice on a citizen's own request became.</summary>
    private async Task<(string CaseId, string RequestId)> AdvisedAsync(string citizen, Person person)
    {
        var request = await AskAsync(citizen, person);
        await platform.AdviseAsync(request);
        return (await CaseOfAsync(person), request);
    }

    /// <summary>Waits until the municipality has heard of everything, and finds the person's case.</summary>
    private async Task<string> CaseOfAsync(Person person)
    {
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        var opened = await platform.Cases().OpenCaseAsync(Open(person: person));
        Assert.True(opened.Existed);
        return opened.CaseId;
    }

    private async Task<(string CaseId, string OfferId)> OfferedAsync(string caseId)
    {
        await platform.AdviseAsync((await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId);
        await platform.Cases().DetermineCaseAsync(Determine(caseId));
        return (caseId, (await platform.Cases().OfferPlaceAsync(Offer(caseId))).OfferId);
    }

    private async Task<AdviceRequest> AtUwvAsync(string id) =>
        (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest;

    /// <summary>How much stands in UWV's stores, and where the logs end.</summary>
    private async Task<string> StoredAsync()
    {
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        var runtime = platform.App.Services.GetRequiredService<ServiceRuntime<UwvStore, UwvPlatformStore>>();
        var caller = Caller.OfService("uwv");
        string[] tables = ["persons", "citizens", "dossiers", "events", "requests"];
        var tenant = runtime.TenantStores.Get(TenantId.Parse(Amsterdam)).Read(
            caller, session => string.Join(' ', tables.Select(table => Count(session.Statement($"SELECT COUNT(*) FROM {table}")))));
        var national = runtime.PlatformStore.Read(caller, session => Count(session.Statement("SELECT COUNT(*) FROM indexed_requests")));
        return $"{tenant} {national}";

        static long Count(Statement count)
        {
            count.Step();
            var rows = count.Number(0);
            count.Reset();
            return rows;
        }
    }

    private Task WriteAsync(string sql) => platform.App.Services.GetRequiredService<ServiceRuntime<UwvStore, UwvPlatformStore>>()
        .TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(WriteInfo.Capture(Caller.OfService("uwv")), session =>
        {
            session.Statement(sql).Run();
            return true;
        });

    private static CorrectPersonRequest Correct(string caseId, Person person) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "Het nummer was van een ander.", CorrectedOn = On(3, 1),
    };

    private static Contracts.Uwv.RequestAdviceRequest FromCitizen(Person person) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Participatiewet,
        Kind = AdviceKind.First, PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8),
    };
}
