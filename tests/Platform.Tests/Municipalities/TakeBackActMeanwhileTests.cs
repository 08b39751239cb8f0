using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What others do with a case or its place before, while and after an act of it is taken back.</summary>
public sealed class TakeBackActMeanwhileTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private const string Reason = "Bij de verkeerde persoon vastgelegd.";

    /// <summary>Utrecht has one place.</summary>
    [Fact]
    public async Task A_place_that_was_given_away_is_named_no_more_when_the_offer_to_the_other_is_taken_back()
    {
        var (first, offer) = await platform.OfferedAsync(Utrecht);
        await platform.Cases(Utrecht).WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = Utrecht, RequestId = NewId(), CaseId = first, OfferId = offer, WithdrawnOn = On(2, 21), Reason = Reason,
        });
        var second = await platform.DeterminedAsync(Utrecht);
        var other = Offer(second, Utrecht);
        other.OfferedOn = On(2, 22);
        await platform.Cases(Utrecht).OfferPlaceAsync(other);
        await TakenAsync(first, "offer-withdrawn", Utrecht);
        Assert.Equal([DiscrepancyKind.PlaceGivenAway], (await platform.CaseAsync(first, Utrecht)).Discrepancies);

        await TakenAsync(second, "place-offered", Utrecht);
        var ledger = await platform.LedgerAsync(Utrecht, DateTime.UtcNow.ToDay());
        Assert.Equal((1, 0), (ledger.PersonsReserved, ledger.OverMilli));
        Assert.Empty((await platform.CaseAsync(first, Utrecht)).Discrepancies);
        // So that the next test has the place.
        await TakenAsync(first, "place-offered", Utrecht);
    }

    [Fact]
    public async Task Of_two_who_take_back_one_act_one_does()
    {
        for (var i = 0; i < 5; i++)
        {
            var caseId = await platform.DeterminedAsync();
            var id = await EventAsync(caseId, "case-determined");
            var calls = Enumerable.Range(0, 4).Select(_ => TryAsync(() => platform.Cases().TakeBackActAsync(Request(caseId, id)).ResponseAsync)).ToList();
            var found = await Task.WhenAll(calls);
            Assert.Single(found, one => one is null);
            Assert.Equal(3, found.Count(one => one?.StatusCode == Grpc.Core.StatusCode.FailedPrecondition));
            Assert.Single(await platform.TimelineAsync(caseId), name => name == "act-taken-back");
            await CaseRows.OfAsync(platform, caseId);
        }
    }

    [Fact]
    public async Task An_offer_is_answered_while_it_is_taken_back()
    {
        for (var i = 0; i < 8; i++)
        {
            var (caseId, offerId) = await platform.OfferedAsync();
            var id = await EventAsync(caseId, "place-offered");
            var answer = TryAsync(() => platform.Cases().RespondToOfferAsync(Respond(caseId, offerId)).ResponseAsync);
            var back = TryAsync(() => platform.Cases().TakeBackActAsync(Request(caseId, id)).ResponseAsync);
            await Task.WhenAll(answer, back);
            Assert.Null(await back);
            Assert.Equal(CaseState.DeterminedPositive, (await platform.CaseAsync(caseId)).State);
            await CaughtUpAsync();
            Assert.Equal(ErrorReason.NoAcceptedOffer, (await RefusedAsync(platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId)))).Reason);
            await CaseRows.OfAsync(platform, caseId);
        }
    }

    [Fact]
    public async Task An_offer_is_worked_on_while_it_is_taken_back()
    {
        for (var i = 0; i < 8; i++)
        {
            var (caseId, offerId) = await platform.OfferedAsync();
            await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
            await CaughtUpAsync();
            var id = await EventAsync(caseId, "place-offered");
            var work = TryAsync(() => platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId)).ResponseAsync);
            var back = TryAsync(() => platform.Cases().TakeBackActAsync(Request(caseId, id)).ResponseAsync);
            await Task.WhenAll(work, back);
            await CaughtUpAsync();
            var found = await platform.CaseAsync(caseId);
            Assert.Equal(await work is null ? CaseState.Placed : CaseState.DeterminedPositive, found.State);
            if (await work is null && await back is null) Assert.Equal([DiscrepancyKind.PlacedWithoutOffer], found.Discrepancies);
            await CaseRows.OfAsync(platform, caseId);
        }
    }

    [Fact]
    public async Task An_answer_may_be_recorded_taken_back_and_recorded_anew()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        for (var i = 0; i < 3; i++)
        {
            await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId, accepted: false, fitting: true));
            Assert.Equal(CaseState.OfferDeclined, (await platform.CaseAsync(caseId)).State);
            var request = Request(caseId, await EventAsync(caseId, "offer-answered"));
            var taken = await platform.Cases().TakeBackActAsync(request);
            Assert.Equal(taken, await platform.Cases().TakeBackActAsync(request));
            request.Reason = "Anders.";
            Assert.NotEqual(ErrorReason.Unspecified, (await RefusedAsync(platform.Cases().TakeBackActAsync(request))).Reason);
            var found = await platform.CaseAsync(caseId);
            Assert.Equal((CaseState.OfferOpen, OfferState.Open, null), (found.State, found.Offer.State, found.Offer.AnsweredOn));
            await CaseRows.OfAsync(platform, caseId);
        }

        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId));
        await platform.BecomesAsync(caseId, CaseState.Placed);
        await CaseRows.OfAsync(platform, caseId);
    }

    private static async Task<Grpc.Core.RpcException?> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (Grpc.Core.RpcException error)
        {
            return error;
        }
    }

    private Task CaughtUpAsync() => platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);

    private static TakeBackActRequest Request(string caseId, string eventId, string code = Amsterdam) => new()
    {
        Municipality = code, RequestId = NewId(), CaseId = caseId, EventId = eventId, Reason = Reason, TakenBackOn = On(6, 1),
    };

    private async Task TakenAsync(string caseId, string name, string code = Amsterdam) =>
        await platform.Cases(code).TakeBackActAsync(Request(caseId, await EventAsync(caseId, name, code), code));

    private async Task<string> EventAsync(string caseId, string name, string code = Amsterdam) =>
        (await platform.Cases(code).GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = code, CaseId = caseId })).Entries
            .Last(entry => entry.Event.Type.EndsWith($".{name}.v1", StringComparison.Ordinal)).Event.Id;
}

file static class Days
{
    public static Google.Type.Date ToDay(this DateTime now) => new() { Year = now.Year, Month = now.Month, Day = now.Day };
}
