using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>
/// Calls about one person at the same time: a dropout meets a request and an advice, and a join meets requests. An act that kept a
/// duty from being told is taken back.
/// </summary>
public sealed class RacingCallsTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(15)]
    public async Task A_dropout_meets_a_request(int day)
    {
        for (var i = 0; i < 12; i++)
        {
            var caseId = await platform.OpenedAsync();
            var asking = TryAsync(() => platform.Cases().RequestAdviceAsync(Ask(caseId)).ResponseAsync);
            if (i % 3 == 1) await Task.Delay(i / 3, TestContext.Current.CancellationToken);
            var dropping = TryAsync(() => platform.Cases().RecordDropoutAsync(Dropout(caseId, On(1, day))).ResponseAsync);
            await Task.WhenAll(asking, dropping);
            await SameAsync(caseId);
        }
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(2, 5)]
    [InlineData(1, 20)]
    public async Task A_dropout_meets_an_advice(int month, int day)
    {
        for (var i = 0; i < 10; i++)
        {
            var caseId = await platform.OpenedAsync();
            var asked = (await platform.Cases().RequestAdviceAsync(Ask(caseId))).AdviceRequestId;
            var advising = Task.Run(async () =>
            {
                try
                {
                    await platform.AdviseAsync(asked);
                }
                catch (RpcException)
                {
                }
            });
            await Task.Delay(i, TestContext.Current.CancellationToken);
            await TryAsync(() => platform.Cases().RecordDropoutAsync(Dropout(caseId, On(month, day))).ResponseAsync);
            await advising;
            await SameAsync(caseId);
        }
    }

    [Fact]
    public async Task Two_are_joined_while_both_are_asked_for()
    {
        for (var i = 0; i < 6; i++)
        {
            var person = NewPerson();
            var (stays, goes) = (await platform.OpenedAsync(), await platform.OpenedAsync(person: person));
            var (one, other) = (Ask(stays), Ask(goes));
            var calls = new[]
            {
                TryAsync(() => platform.Cases().RequestAdviceAsync(one).ResponseAsync), TryAsync(() => platform.Cases().RequestAdviceAsync(other).ResponseAsync),
            };
            await Task.Delay(i, TestContext.Current.CancellationToken);
            var join = new CorrectPersonRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Person = person, CorrectedOn = On(3, 1), Reason = "Dubbel.", JoinCaseId = goes,
            };
            var joined = await platform.Cases().CorrectPersonAsync(join);
            var answers = await Task.WhenAll(calls);
            await CaughtUpAsync();
            await MunicipalityPlatform.Eventually(async () => (await RequestsAsync()).Where(row => row.RequesterReference == stays || row.RequesterReference == goes)
                .All(row => row.State != AdviceState.Requested || PersonOf(row.AdviceRequestId).Result.Equals(person)), "UWV knows the right person");
            Assert.All(answers, error => Assert.True(error is null || error.StatusCode is StatusCode.FailedPrecondition or StatusCode.AlreadyExists, error?.ToString()));
            await CaseRows.OfAsync(platform, stays);
        }
    }

    /// <summary>The next place was offered before the work ended, so that no duty was told. Without that offer one is owed.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_duty_that_an_offer_met_is_told_when_that_offer_never_was(bool offered)
    {
        var (caseId, _, placement) = await platform.PlacedAsync();
        if (offered)
        {
            await platform.AsCompany.EndPlacementAsync(End(placement));
            await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
            // As if the end had been told after the offer: corrected to work until the offer was made.
            await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(8, 31), Reason = EndReason.NotRenewed,
            });
            await CaughtUpAsync();
            var next = Offer(caseId);
            (next.OfferedOn, next.PlannedStart) = (On(8, 1), On(9, 1));
            var answer = Respond(caseId, (await platform.Cases().OfferPlaceAsync(next)).OfferId);
            answer.AnsweredOn = On(8, 2);
            await platform.Cases().RespondToOfferAsync(answer);
            await platform.AsCompany.CorrectPlacementEndAsync(new CorrectPlacementEndRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(8, 15), Reason = EndReason.NotRenewed,
            });
            await CaughtUpAsync();
            await TakenAsync(caseId, "place-offered");
        }
        else
        {
            await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest(End(placement)) { LastDay = On(8, 15) });
            await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        }

        await CaughtUpAsync();
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DeterminedPositive, true), (found.State, found.DutyOpen));
        var entries = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries;
        var duties = entries.Where(entry => entry.Event.Type.Contains("duty-to-offer-arose", StringComparison.Ordinal))
            .Select(entry => entry.Event.Data.Unpack<DutyToOfferArose>().AroseOn).ToList();
        Assert.Contains(On(8, 16), duties);
        await CaseRows.OfAsync(platform, caseId);
    }

    /// <summary>Whoever asked died, and the case was joined to another meanwhile: the same call finds what it asked.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_asked_and_died_before_the_case_was_joined_gets_the_answer_of_the_first_try(bool staysAsked)
    {
        var person = NewPerson();
        var (stays, goes) = (await platform.OpenedAsync(), await platform.OpenedAsync(person: person));
        var request = Ask(staysAsked ? stays : goes);
        await using (await HeldUwv.BeginAsync(platform))
        {
            using var dies = new CancellationTokenSource();
            var asking = platform.Cases().RequestAdviceAsync(request, cancellationToken: dies.Token);
            await CaseRows.AskingAsync(platform, request.RequestId);
            await platform.Cases().CorrectPersonAsync(new CorrectPersonRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), CaseId = stays, Person = person, CorrectedOn = On(3, 1),
                Reason = "Dubbel.", JoinCaseId = goes,
            });
            await dies.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => asking.ResponseAsync);
        }

        var retried = await platform.Cases().RequestAdviceAsync(request);
        Assert.Equal(CaseState.Requested, retried.State);
        Assert.Equal(person, await PersonOf(retried.AdviceRequestId));
        Assert.Equal(retried, await platform.Cases().RequestAdviceAsync(request));
        await CaseRows.OfAsync(platform, stays);
    }

    private static EndPlacementRequest End(string placement) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(7, 31), Reason = EndReason.NotRenewed,
    };

    private async Task SameAsync(string caseId)
    {
        await CaughtUpAsync();
        await CaughtUpAsync();
        await CaughtUpAsync();
        var found = await platform.CaseAsync(caseId);
        var requests = (await RequestsAsync()).Where(row => row.RequesterReference == caseId).ToList();
        var running = requests.Count(row => row.State is AdviceState.Requested or AdviceState.Assessed);
        var what = $"{found.State}, at UWV {string.Join(',', requests.Select(row => $"{row.State} {row.Ending} {row.EndedOn}"))}, {string.Join(',', await platform.TimelineAsync(caseId))}";
        if (found.State == CaseState.Requested) Assert.True(running == 1, what);
        else Assert.True(running == 0, what);
        if (requests.Exists(row => row.State == AdviceState.Withdrawn)) Assert.True(found.State == CaseState.DroppedOut, what);
        await CaseRows.OfAsync(platform, caseId);
    }

    private async Task<List<AdviceRequest>> RequestsAsync()
    {
        var (all, token) = (new List<AdviceRequest>(), "");
        do
        {
            var page = await platform.AsUwv.ListAdviceRequestsAsync(new ListAdviceRequestsRequest { Municipality = Amsterdam, PageSize = 500, PageToken = token });
            all.AddRange(page.AdviceRequests);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return all;
    }

    private async Task<Person> PersonOf(string id) =>
        (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest.Person;

    private static RecordDropoutRequest Dropout(string caseId, Google.Type.Date day) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = day,
    };

    private static async Task<RpcException?> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (RpcException error)
        {
            return error;
        }
    }

    private Task CaughtUpAsync() => platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    private async Task TakenAsync(string caseId, string name) => await platform.Cases().TakeBackActAsync(new TakeBackActRequest
    {
        Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = "Vergissing.", TakenBackOn = On(12, 31),
        EventId = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries
            .Last(entry => entry.Event.Type.EndsWith($".{name}.v1", StringComparison.Ordinal)).Event.Id,
    });
}
