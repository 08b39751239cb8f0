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
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using UwvRequest = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>RequestAdvice calls UWV before it writes: whatever happens in between, there is one request.</summary>
public sealed class AskingUwvTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task A_repeated_call_gets_the_first_answer()
    {
        var request = Ask(await platform.OpenedAsync());
        var first = await platform.Cases().RequestAdviceAsync(request);
        Assert.Equal((CaseState.Requested, Outcome.Investigate), (first.State, first.Outcome));
        Assert.Equal(first, await platform.Cases().RequestAdviceAsync(request));
        request.RequestId = NewId();
        Assert.Equal(ErrorReason.RequestAlreadyRunning, (await RefusedAsync(platform.Cases().RequestAdviceAsync(request))).Reason);
    }

    [Fact]
    public async Task Who_died_after_asking_is_completed_by_UWV_s_events_and_his_retry_by_UWV_s_answer()
    {
        var person = NewPerson();
        var request = Ask(await platform.OpenedAsync(person: person));
        // A rule decides at once, so that the advice is there before the retry.
        request.OldWswAdvice = OldWswAdvice.NotAble;
        var asked = await AskAndDieAsync(request, person);

        await platform.BecomesAsync(request.CaseId, CaseState.AdvisedPositive);
        Assert.Equal(asked, (await platform.CaseAsync(request.CaseId)).AdviceRequestId);
        var retried = await platform.Cases().RequestAdviceAsync(request);
        Assert.Equal((asked, CaseState.AdvisedPositive), (retried.AdviceRequestId, retried.State));
    }

    [Fact]
    public async Task What_UWV_refuses_is_refused_with_its_reason_and_may_be_asked_again()
    {
        var request = Ask(await platform.OpenedAsync());
        (request.Kind, request.PreviousAdviceRequestId) = (AdviceKind.Repeat, NewId());
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.Cases().RequestAdviceAsync(request))).Reason);
        Assert.Equal(CaseState.Identified, (await platform.CaseAsync(request.CaseId)).State);
        Assert.Equal(CaseState.Requested, (await platform.Cases().RequestAdviceAsync(Ask(request.CaseId))).State);
    }

    [Fact]
    public async Task After_a_withdrawal_UWV_may_be_asked_anew()
    {
        var caseId = await platform.OpenedAsync();
        var asked = await platform.Cases().RequestAdviceAsync(Ask(caseId));
        await new AdviceService.AdviceServiceClient(platform.Municipality(Amsterdam)).WithdrawAdviceRequestAsync(new WithdrawAdviceRequestRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = asked.AdviceRequestId, WithdrawnOn = On(1, 10),
        });
        await platform.BecomesAsync(caseId, CaseState.AdviceWithdrawn);
        Assert.NotEqual(asked.AdviceRequestId, (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId);
    }

    /// <summary>What the use case does until UWV answered: its note, and the same call. Then the process dies.</summary>
    private async Task<string> AskAndDieAsync(BeschutWerk.Contracts.Municipalities.RequestAdviceRequest request, Person person)
    {
        var runtime = platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();
        await runtime.TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("municipalities")), session => session.Case(request.CaseId).AskedBy = Ids.Parse(request.RequestId));
        var answer = await PlatformClients.Of(platform.App.Services).Get<AdviceService.AdviceServiceClient>().RequestAdviceAsync(new UwvRequest
        {
            Municipality = Amsterdam, RequestId = Ids.Derive(Ids.Parse(request.RequestId), "uwv").Text(), Requester = Requester.Municipality, Person = person,
            Benefit = Benefit.Participatiewet, Kind = request.Kind, OldWswAdvice = request.OldWswAdvice, ReceivedOn = request.ReceivedOn, RequesterReference = request.CaseId,
        });
        return answer.AdviceRequestId;
    }
}
