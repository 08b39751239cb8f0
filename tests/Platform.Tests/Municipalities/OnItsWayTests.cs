using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;
using RequestAdviceRequest = BeschutWerk.Contracts.Municipalities.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>
/// The municipality acts on a case while its request for advice is on its way: UWV ends with the same person, and with the same
/// dropout, as when the request had come first.
/// </summary>
public sealed class OnItsWayTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Who_is_corrected_while_the_request_is_on_its_way_is_corrected_at_UWV_before_the_answer()
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var caseId = await platform.OpenedAsync(person: wrong);
        var asked = await AskMeanwhileAsync(Ask(caseId), () => platform.Cases().CorrectPersonAsync(Correct(caseId, right)).ResponseAsync);

        Assert.Equal(right, (await AtUwvAsync(asked)).Person);
        Assert.Equal(right, (await platform.CaseAsync(caseId)).Person);
        // The number that was wrong is free for whom it belongs to.
        var theirs = await platform.OpenedAsync(Utrecht, wrong);
        Assert.Equal(CaseState.Requested, (await platform.Cases(Utrecht).RequestAdviceAsync(Ask(theirs, Utrecht))).State);
    }

    [Fact]
    public async Task Who_asked_and_died_finds_the_corrected_person_at_UWV_and_gets_the_answer_of_the_first_try()
    {
        var (wrong, right) = (NewPerson(), NewPerson());
        var request = Ask(await platform.OpenedAsync(person: wrong));
        await using (await HeldUwv.BeginAsync(platform))
        {
            using var dies = new CancellationTokenSource();
            var asking = platform.Cases().RequestAdviceAsync(request, cancellationToken: dies.Token);
            await CaseRows.AskingAsync(platform, request.RequestId);
            await platform.Cases().CorrectPersonAsync(Correct(request.CaseId, right));
            await dies.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => asking.ResponseAsync);
        }

        var retried = await platform.Cases().RequestAdviceAsync(request);
        Assert.Equal(right, (await AtUwvAsync(retried.AdviceRequestId)).Person);
        Assert.Equal(retried, await platform.Cases().RequestAdviceAsync(request));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(15)]
    public async Task A_dropout_that_arrives_before_the_request_ends_it(int day)
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var asked = await AskMeanwhileAsync(Ask(caseId), async () =>
        {
            await platform.Cases().RecordDropoutAsync(Dropout(caseId, day));
            await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        });
        await EndedAsync(asked, caseId, person, day);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(15)]
    public async Task A_dropout_that_arrives_after_the_request_ends_it(int day)
    {
        var person = NewPerson();
        var caseId = await platform.OpenedAsync(person: person);
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await platform.Cases().RecordDropoutAsync(Dropout(caseId, day));
        await EndedAsync(asked, caseId, person, day);
    }

    [Fact]
    public async Task Who_returns_after_a_dropout_is_asked_for_anew_and_that_request_goes_on()
    {
        var caseId = await platform.OpenedAsync();
        await platform.Cases().RecordDropoutAsync(Dropout(caseId, 8));
        var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(AdviceState.Requested, (await AtUwvAsync(asked)).State);
        Assert.Equal(CaseState.Requested, (await platform.CaseAsync(caseId)).State);
    }

    private async Task EndedAsync(string asked, string caseId, Person person, int day)
    {
        await MunicipalityPlatform.Eventually(async () => (await AtUwvAsync(asked)).State == AdviceState.Withdrawn, "UWV ends it");
        var seen = await AtUwvAsync(asked);
        Assert.Equal((AdviceEnding.DroppedOut, On(1, day)), (seen.Ending, seen.EndedOn));
        await MunicipalityPlatform.Eventually(
            async () => (await platform.TimelineAsync(caseId)).Contains("advice-withdrawn"), "the case tells that its request ended");
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DroppedOut, On(1, day)), (found.State, found.DroppedOutOn));
        await CaseRows.OfAsync(platform, caseId);
        var elsewhere = await platform.OpenedAsync(Utrecht, person);
        Assert.Equal(CaseState.Requested, (await platform.Cases(Utrecht).RequestAdviceAsync(Ask(elsewhere, Utrecht))).State);
    }

    /// <summary>Asks, does something while the request is on its way, and lets it arrive.</summary>
    /// <returns>The request at UWV.</returns>
    private async Task<string> AskMeanwhileAsync(RequestAdviceRequest request, Func<Task> meanwhile)
    {
        Task<BeschutWerk.Contracts.Municipalities.RequestAdviceResponse> asking;
        await using (await HeldUwv.BeginAsync(platform))
        {
            asking = platform.Cases().RequestAdviceAsync(request).ResponseAsync;
            await CaseRows.AskingAsync(platform, request.RequestId);
            await meanwhile();
        }

        return (await asking).AdviceRequestId;
    }

    private async Task<AdviceRequest> AtUwvAsync(string id) =>
        (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest;

    private static RecordDropoutRequest Dropout(string caseId, int day) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(1, day),
    };

    private static CorrectPersonRequest Correct(string caseId, Person person) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = person, Reason = "Verkeerd overgenomen.", CorrectedOn = On(3, 1),
    };
}
