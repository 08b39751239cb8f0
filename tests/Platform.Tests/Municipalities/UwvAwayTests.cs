using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Messaging;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Processes die between the correction of a person and UWV's answer.</summary>
public sealed class UwvAwayTests(SplitPlatform platform) : IClassFixture<SplitPlatform>
{
    [Fact]
    public async Task A_correction_that_died_on_its_way_to_UWV_arrives()
    {
        var (wrong, right, last) = (NewPerson(), NewPerson(), NewPerson());
        var caseId = await platform.OpenedAsync(person: wrong);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;

        await platform.KillAsync("uwv");
        var correct = Correct(caseId, right);
        Assert.Equal(ErrorReason.ServiceUnreachable, (await RefusedAsync(platform.Cases().CorrectPersonAsync(correct))).Reason);
        Assert.Equal(right, (await platform.CaseAsync(caseId)).Person);
        Assert.Equal(ErrorReason.ServiceUnreachable, (await RefusedAsync(platform.Cases().CorrectPersonAsync(correct))).Reason);
        var dies = platform.Cases().CorrectPersonAsync(Correct(caseId, last)).ResponseAsync;
        await Task.Delay(150, TestContext.Current.CancellationToken);
        await platform.KillAsync("municipalities");
        await Assert.ThrowsAsync<RpcException>(() => dies);

        platform.Start("municipalities");
        await platform.ServingAsync("municipalities");
        var here = (await platform.CaseAsync(caseId)).Person;
        platform.Start("uwv");
        await platform.ServingAsync("uwv");
        await MunicipalityPlatform.Eventually(async () => (await AtUwvAsync(asked)).Person.Equals(here), "UWV is told");
        // The first correction is answered as it was, and UWV keeps the last one.
        var again = await platform.Cases().CorrectPersonAsync(correct);
        Assert.Equal(caseId, again.CaseId);
        Assert.Equal(here, (await AtUwvAsync(asked)).Person);
    }

    [Fact]
    public async Task A_join_that_died_on_its_way_to_UWV_arrives()
    {
        for (var i = 0; i < 3; i++)
        {
            var person = NewPerson();
            var goes = await platform.OpenedAsync(person: person);
            var first = (await platform.Cases().RequestAdviceAsync(Ask(goes))).AdviceRequestId;
            var stays = await platform.OpenedAsync();
            var second = (await platform.Cases().RequestAdviceAsync(Ask(stays))).AdviceRequestId;
            var join = Correct(stays, person);
            join.JoinCaseId = goes;
            var dies = platform.Cases().CorrectPersonAsync(join).ResponseAsync;
            await Task.Delay(i * 8, TestContext.Current.CancellationToken);
            await platform.KillAsync("municipalities");
            try
            {
                await dies;
            }
            catch (RpcException)
            {
            }

            platform.Start("municipalities");
            await platform.ServingAsync("municipalities");
            var answer = await platform.Cases().CorrectPersonAsync(join);
            Assert.Equal((stays, goes, true), (answer.CaseId, answer.JoinedCaseId, answer.OtherRequestRunning));
            Assert.Equal((person, person), ((await AtUwvAsync(first)).Person, (await AtUwvAsync(second)).Person));
            Assert.Equal(answer, await platform.Cases().CorrectPersonAsync(join));
        }
    }

    private static CorrectPersonRequest Correct(string caseId, Person person) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "Verkeerd overgenomen.", CorrectedOn = On(3, 1),
    };

    private async Task<AdviceRequest> AtUwvAsync(string id) =>
        (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest;
}
