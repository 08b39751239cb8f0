using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using Google.Protobuf;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Two cases that each stand under the other's BSN get their right persons by one act, here and at UWV.</summary>
public sealed class SwapPersonsTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task One_act_gives_both_cases_their_right_person_everywhere()
    {
        // Ann and Ben were typed with each other's BSN, and both were asked about.
        var (ann, ben) = (NewPerson(), NewPerson());
        var (casesAnn, casesBen) = (new Person(ann) { Bsn = ben.Bsn }, new Person(ben) { Bsn = ann.Bsn });
        var (caseAnn, caseBen) = (await platform.OpenedAsync(person: casesAnn), await platform.OpenedAsync(person: casesBen));
        var askedAnn = (await platform.Cases().RequestAdviceAsync(Ask(caseAnn))).AdviceRequestId;
        var askedBen = (await platform.Cases().RequestAdviceAsync(Ask(caseBen))).AdviceRequestId;
        var alone = Swap(caseAnn, ann, "", null);
        Assert.Equal(ErrorReason.PersonHasCase, (await RefusedAsync(platform.Cases().CorrectPersonAsync(alone))).Reason);

        var swap = Swap(caseAnn, ann, caseBen, ben);
        var answer = await platform.Cases().CorrectPersonAsync(swap);

        Assert.Equal((caseAnn, "", false), (answer.CaseId, answer.JoinedCaseId, answer.OtherRequestRunning));
        Assert.Equal(answer, await platform.Cases().CorrectPersonAsync(swap));
        Assert.Equal((ann, ben), ((await platform.CaseAsync(caseAnn)).Person, (await platform.CaseAsync(caseBen)).Person));
        Assert.Equal((ann, ben), ((await AtUwvAsync(askedAnn)).Person, (await AtUwvAsync(askedBen)).Person));
        Assert.Equal(caseAnn, (await platform.Cases().OpenCaseAsync(Open(person: ann))).CaseId);
        Assert.Equal(caseBen, (await platform.Cases().OpenCaseAsync(Open(person: ben))).CaseId);
        foreach (var (caseId, with) in new[] { (caseAnn, caseBen), (caseBen, caseAnn) })
        {
            var get = new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId };
            var timeline = await platform.Cases().GetCaseTimelineAsync(get);
            var entry = timeline.Entries[^1];
            Assert.Equal(("municipality:GM0363", swap.Reason), (entry.Actor, entry.Note));
            var told = entry.Event.Data.Unpack<CandidateCorrected>();
            Assert.Equal((caseId, with, "", On(3, 1)), (told.CaseId, told.SwappedCaseId, told.JoinedCaseId, told.CorrectedOn));
            Assert.Equal(["person.bsn"], told.Fields);
            Assert.DoesNotContain(ann.Bsn, told.ToByteString().ToStringUtf8(), StringComparison.Ordinal);
        }

        // The national index knows whose request is whose: each is advised and goes on under the right number.
        await platform.AdviseAsync(askedAnn);
        await platform.BecomesAsync(caseAnn, CaseState.AdvisedPositive);
        var elsewhere = await platform.Cases(Utrecht).OpenCaseAsync(Open(Utrecht, ben));
        var refused = await RefusedAsync(platform.Cases(Utrecht).RequestAdviceAsync(Ask(elsewhere.CaseId, Utrecht)));
        Assert.Equal(ErrorReason.RequestAlreadyRunning, refused.Reason);
    }

    [Fact]
    public async Task Whole_persons_may_be_swapped_with_what_else_is_corrected_of_the_case_that_is_named()
    {
        var (ann, ben) = (NewPerson(), NewPerson());
        var (caseOfBen, caseOfAnn) = (await platform.OpenedAsync(person: ann), await platform.OpenedAsync(person: ben));
        var swap = Swap(caseOfBen, new Person(ben) { Name = "Goed gespeld" }, caseOfAnn, ann);
        swap.Benefit = Benefit.Wia;

        await platform.Cases().CorrectPersonAsync(swap);

        var (here, there) = (await platform.CaseAsync(caseOfBen), await platform.CaseAsync(caseOfAnn));
        Assert.Equal((swap.Person, ann), (here.Person, there.Person));
        Assert.Equal((Benefit.Wia, Benefit.Participatiewet), (here.Benefit, there.Benefit));
    }

    [Fact]
    public async Task What_does_not_fit_together_is_named_and_changes_nothing()
    {
        var (ann, ben, third) = (NewPerson(), NewPerson(), NewPerson());
        var (caseOfBen, caseOfAnn) = (await platform.OpenedAsync(person: ann), await platform.OpenedAsync(person: ben));
        var stranger = await platform.OpenedAsync(person: third);

        await RefusedFieldsAsync(Swap(caseOfBen, null, caseOfAnn, ann), "swap_with_case_id");
        await RefusedFieldsAsync(Swap(caseOfBen, ben, caseOfAnn, null), "swap_with_person");
        await RefusedFieldsAsync(Swap(caseOfBen, ben, "", ann), "swap_with_person");
        var both = Swap(caseOfBen, ben, caseOfAnn, ann);
        both.JoinCaseId = caseOfAnn;
        await RefusedFieldsAsync(both, "join_case_id");
        await RefusedFieldsAsync(Swap(caseOfBen, ben, caseOfBen, ann), "swap_with_case_id", "person.bsn");
        await RefusedFieldsAsync(Swap(caseOfBen, ben, stranger, ann), "person.bsn");
        await RefusedFieldsAsync(Swap(caseOfBen, ben, caseOfAnn, third), "swap_with_person.bsn");
        var late = Swap(caseOfBen, new Person(ben) { BirthDate = On(1, 3) }, caseOfAnn, new Person(ann) { BirthDate = On(1, 3) });
        late.CorrectedOn = On(1, 1);
        await RefusedFieldsAsync(late, "person.birth_date", "swap_with_person.birth_date", "corrected_on");
        Assert.Equal(ErrorReason.NotFound, await ReasonAsync(Swap(caseOfBen, ben, NewId(), ann)));

        Assert.Equal((ann, ben), ((await platform.CaseAsync(caseOfBen)).Person, (await platform.CaseAsync(caseOfAnn)).Person));
        Assert.Equal(third, (await platform.CaseAsync(stranger)).Person);
        // Twice at once, from either side: it happens once.
        var outcomes = await Task.WhenAll(
            ReasonAsync(Swap(caseOfBen, ben, caseOfAnn, ann)), ReasonAsync(Swap(caseOfAnn, ann, caseOfBen, ben)));
        Assert.Equal(new[] { ErrorReason.Unspecified, ErrorReason.InvalidFields }, outcomes.Order());
        Assert.Equal((ben, ann), ((await platform.CaseAsync(caseOfBen)).Person, (await platform.CaseAsync(caseOfAnn)).Person));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Who_asked_as_a_citizen_goes_with_the_person_and_their_request_is_looked_at(bool isShared, bool advisedBefore)
    {
        // Ann asked herself; her number stood on Ben's case, which got her request.
        var (ann, ben) = (NewPerson(), NewPerson());
        var (caseOfBen, caseOfAnn) = (await platform.OpenedAsync(person: ann), await platform.OpenedAsync(person: ben));
        var who = $"burger-s-{isShared}-{advisedBefore}";
        var asked = (await new AdviceService.AdviceServiceClient(platform.Citizen(who, Amsterdam, ann.Bsn)).RequestAdviceAsync(new Contracts.Uwv.RequestAdviceRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), Requester = Requester.Citizen, Person = ann, Benefit = Benefit.Participatiewet,
            Kind = AdviceKind.First, PriorContact = PriorContact.Consulted, ReceivedOn = On(1, 8), SharedBeforeAdvice = isShared,
        })).AdviceRequestId;
        if (advisedBefore) await platform.AdviseAsync(asked);
        await platform.BecomesAsync(caseOfBen, advisedBefore ? CaseState.AdvisedPositive : CaseState.Requested);

        await platform.Cases().CorrectPersonAsync(Swap(caseOfBen, ben, caseOfAnn, ann));
        if (!advisedBefore) await platform.AdviseAsync(asked);
        await platform.BecomesAsync(caseOfBen, CaseState.AdvisedPositive);

        var detail = Assert.Single((await platform.CaseAsync(caseOfBen)).DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.PersonDiffers, asked), (detail.Kind, detail.Fact));
        Assert.Empty((await platform.CaseAsync(caseOfAnn)).DiscrepancyDetails);
        Assert.Equal(ann, (await AtUwvAsync(asked)).Person);
    }

    private static CorrectPersonRequest Swap(string caseId, Person? person, string with, Person? withPerson) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, SwapWithCaseId = with, SwapWithPerson = withPerson,
        Reason = "De nummers waren verwisseld.", CorrectedOn = On(3, 1),
    };

    private async Task RefusedFieldsAsync(CorrectPersonRequest request, params string[] fields) =>
        Assert.Equal(fields, (await RefusedAsync(platform.Cases().CorrectPersonAsync(request))).Fields);

    /// <summary>Why it was refused; UNSPECIFIED when it was not.</summary>
    private async Task<ErrorReason> ReasonAsync(CorrectPersonRequest request)
    {
        try
        {
            await platform.Cases().CorrectPersonAsync(request);
            return ErrorReason.Unspecified;
        }
        catch (Grpc.Core.RpcException refused)
        {
            return RefusalStatus.ReasonOf(refused);
        }
    }

    private async Task<AdviceRequest> AtUwvAsync(string id)
    {
        var get = new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id };
        return (await platform.AsUwv.GetAdviceRequestAsync(get)).AdviceRequest;
    }
}
