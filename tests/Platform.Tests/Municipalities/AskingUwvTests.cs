using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;
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
        Assert.False(await CaseRows.IsAskingAsync(platform, request.RequestId));
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
        Assert.False(await CaseRows.IsAskingAsync(platform, request.RequestId));
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
        // Not for a day on which UWV still had the first request.
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(platform.Cases().RequestAdviceAsync(Ask(caseId)))).Reason);
        var anew = Ask(caseId);
        anew.ReceivedOn = On(1, 10);
        Assert.NotEqual(asked.AdviceRequestId, (await platform.Cases().RequestAdviceAsync(anew)).AdviceRequestId);
    }

    /// <summary>UWV never does for a call what another body of the same request_id said.</summary>
    [Fact]
    public async Task A_retry_with_another_body_is_refused_and_the_first_one_is_answered()
    {
        var request = Ask(await platform.OpenedAsync());
        await using (await HeldUwv.BeginAsync(platform))
        {
            using var dies = new CancellationTokenSource();
            var asking = platform.Cases().RequestAdviceAsync(request, cancellationToken: dies.Token);
            await CaseRows.AskingAsync(platform, request.RequestId);
            await dies.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => asking.ResponseAsync);
        }

        var other = request.Clone();
        other.ReceivedOn = On(1, 10);
        Assert.Equal(ErrorReason.RequestIdReused, (await RefusedAsync(platform.Cases().RequestAdviceAsync(other))).Reason);
        other.CaseId = await platform.OpenedAsync();
        Assert.Equal(ErrorReason.RequestIdReused, (await RefusedAsync(platform.Cases().RequestAdviceAsync(other))).Reason);
        var answer = await platform.Cases().RequestAdviceAsync(request);
        var seen = await platform.AsUwv.GetAdviceRequestAsync(
            new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = answer.AdviceRequestId });
        Assert.Equal(request.ReceivedOn, seen.AdviceRequest.ReceivedOn);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_died_before_the_answer_was_kept_gets_it_also_when_the_case_was_joined_meanwhile(bool isJoined)
    {
        var person = NewPerson();
        var goes = await platform.OpenedAsync(person: person);
        var request = Ask(goes);
        await RunAsync("CREATE TRIGGER dies BEFORE INSERT ON requests BEGIN SELECT RAISE(ABORT, 'dies'); END");
        await Assert.ThrowsAsync<RpcException>(() => platform.Cases().RequestAdviceAsync(request).ResponseAsync);
        await RunAsync("DROP TRIGGER dies");
        Assert.True(await CaseRows.IsAskingAsync(platform, request.RequestId));
        var asked = (await platform.CaseAsync(goes)).AdviceRequestId;
        if (isJoined)
        {
            await platform.Cases().CorrectPersonAsync(new CorrectPersonRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), CaseId = await platform.OpenedAsync(), Person = person,
                CorrectedOn = On(3, 1), Reason = "Dubbel.", JoinCaseId = goes,
            });
        }

        Assert.Equal(asked, (await platform.Cases().RequestAdviceAsync(request)).AdviceRequestId);
        Assert.False(await CaseRows.IsAskingAsync(platform, request.RequestId));
    }

    /// <summary>Later tries are on their way when the first is answered: they are not refused because the request runs now.</summary>
    [Fact]
    public async Task Tries_at_once_get_one_answer()
    {
        for (var i = 0; i < 10; i++)
        {
            var request = Ask(await platform.OpenedAsync());
            var tries = Enumerable.Range(0, 4).Select(async late =>
            {
                await Task.Delay(late * i, TestContext.Current.CancellationToken);
                return await platform.Cases().RequestAdviceAsync(request);
            });
            Assert.Single((await Task.WhenAll(tries)).Distinct());
        }
    }

    private Task RunAsync(string sql) => CaseRows.WriteAsync(platform, session => session.Command(sql).ExecuteNonQuery());

    /// <summary>What an earlier version did until UWV answered, and then died: its note, as the upgrade keeps it, and the same call.</summary>
    private async Task<string> AskAndDieAsync(BeschutWerk.Contracts.Municipalities.RequestAdviceRequest request, Person person)
    {
        await CaseRows.WriteAsync(platform, session =>
        {
            var note = session.Statement("INSERT INTO asked_requests (request_id, case_id, asked_at) VALUES (?1, ?2, ?3)");
            note.Bind(1, Ids.Parse(request.RequestId));
            note.Bind(2, Ids.Parse(request.CaseId));
            note.Bind(3, session.Now.ToUnixTimeMilliseconds());
            return note.Run();
        });
        var uwv = PlatformClients.Of(platform.App.Services).Get<AdviceService.AdviceServiceClient>("municipalities");
        var answer = await uwv.RequestAdviceAsync(new UwvRequest
        {
            Municipality = Amsterdam, RequestId = Ids.Derive(Ids.Parse(request.RequestId), "uwv").Text(), Requester = Requester.Municipality, Person = person,
            Benefit = Benefit.Participatiewet, Kind = request.Kind, OldWswAdvice = request.OldWswAdvice, ReceivedOn = request.ReceivedOn, RequesterReference = request.CaseId,
        });
        return answer.AdviceRequestId;
    }
}
