using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What the number of the regulation does to offers. Utrecht's number is 1, Terschelling's 0.</summary>
public sealed class NumberTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task The_last_place_goes_to_exactly_one_of_two()
    {
        for (var round = 0; round < 5; round++)
        {
            string[] cases = [await platform.DeterminedAsync(Utrecht), await platform.DeterminedAsync(Utrecht)];
            var answers = await Task.WhenAll(cases.Select(caseId => Task.Run(async () =>
            {
                try
                {
                    return (CaseId: caseId, Answer: (OfferPlaceResponse?)await platform.Cases(Utrecht).OfferPlaceAsync(Offer(caseId, Utrecht)));
                }
                catch (RpcException error) when (BeschutWerk.Backbone.Grpc.RefusalStatus.ReasonOf(error) == ErrorReason.NumberReached)
                {
                    return (caseId, Answer: null);
                }
            })));

            var (winner, answer) = Assert.Single(answers, found => found.Answer is not null);
            Assert.False(answer!.AboveNumber);
            var ledger = await platform.LedgerAsync(Utrecht, On(2, 21));
            Assert.Equal((1, 0, 0L, 0L), (ledger.PersonsReserved, ledger.PersonsAtWork, ledger.RemainingMilli, ledger.OverMilli));
            Assert.Equal(DutyStatus.NumberReached, ledger.Status);

            // The place is free for the next round from the day of its offers.
            var decline = Respond(winner, answer.OfferId, accepted: false, fitting: true, code: Utrecht);
            decline.AnsweredOn = On(2, 20);
            var declined = await platform.Cases(Utrecht).RespondToOfferAsync(decline);
            Assert.Equal(CaseState.OfferDeclined, declined.State);
            foreach (var caseId in cases) await platform.Cases(Utrecht).RecordDropoutAsync(Dropout(caseId, Utrecht));
        }
    }

    [Fact]
    public async Task Above_the_number_only_with_a_budget_decision()
    {
        var caseId = await platform.DeterminedAsync(Terschelling);
        Assert.Equal((ErrorReason.NumberReached, StatusCode.FailedPrecondition), Of(await RefusedAsync(platform.Cases(Terschelling).OfferPlaceAsync(Offer(caseId, Terschelling)))));

        var request = Offer(caseId, Terschelling);
        request.BudgetDecision = "Raadsbesluit 2018-7";
        Assert.True((await platform.Cases(Terschelling).OfferPlaceAsync(request)).AboveNumber);
        var ledger = await platform.LedgerAsync(Terschelling, On(2, 21));
        Assert.Equal((0, 1000L, DutyStatus.NumberReached, false), (ledger.MinisterialNumber, ledger.OverMilli, ledger.Status, ledger.HasFilledShareBasisPoints));
    }

    [Fact]
    public async Task At_number_zero_an_alternative_is_owed_and_elsewhere_it_is_refused()
    {
        var (caseId, _) = await platform.AdvisedAsync(Terschelling);
        var determined = await platform.Cases(Terschelling).DetermineCaseAsync(Determine(caseId, Terschelling));
        Assert.False(determined.DutyArose);
        Assert.True((await platform.CaseAsync(caseId, Terschelling)).DutyOpen);
        Assert.Equal(CaseState.AlternativeOffered, (await platform.Cases(Terschelling).OfferAlternativeAsync(Alternative(caseId, Terschelling))).State);
        Assert.False((await platform.CaseAsync(caseId, Terschelling)).DutyOpen);

        var elsewhere = await platform.DeterminedAsync();
        Assert.Equal(ErrorReason.NumberNotReached, (await RefusedAsync(platform.Cases().OfferAlternativeAsync(Alternative(elsewhere)))).Reason);
    }

    [Fact]
    public async Task The_ledger_counts_by_legal_date_and_as_known_at_an_instant()
    {
        const string code = Groningen;
        Assert.Equal(DutyStatus.NoNeed, (await platform.LedgerAsync(code, On(2, 11))).Status);
        var (caseId, offerId) = await platform.OfferedAsync(code);
        var known = await InstantAsync();
        await platform.Cases(code).WithdrawOfferAsync(new WithdrawOfferRequest
        {
            Municipality = code, RequestId = NewId(), CaseId = caseId, OfferId = offerId, WithdrawnOn = On(2, 22), Reason = "De plek verviel.",
        });

        var waiting = await platform.LedgerAsync(code, On(2, 12));
        Assert.Equal((1, 0, DutyStatus.DutyOpen, 70), (waiting.Waiting, waiting.PersonsReserved, waiting.Status, waiting.EffectiveNumber));
        var reserved = await platform.LedgerAsync(code, On(2, 21));
        Assert.Equal((0, 1, 1500L, DutyStatus.DutyMet, 69_000L), (reserved.Waiting, reserved.PersonsReserved, reserved.MinutesReserved, reserved.Status, reserved.RemainingMilli));
        var freed = await platform.LedgerAsync(code, On(2, 22));
        Assert.Equal((1, 0, DutyStatus.DutyOpen), (freed.Waiting, freed.PersonsReserved, freed.Status));
        var before = await platform.LedgerAsync(code, On(2, 22), known);
        Assert.Equal((0, 1, DutyStatus.DutyMet), (before.Waiting, before.PersonsReserved, before.Status));
    }

    [Fact]
    public async Task Work_counts_from_the_first_day_to_the_last_one_worked()
    {
        var (_, _, placementId) = await platform.PlacedAsync();
        var dayBefore = await platform.LedgerAsync(Amsterdam, On(3, 4));
        var firstDay = await platform.LedgerAsync(Amsterdam, On(3, 5));
        Assert.Equal((dayBefore.PersonsAtWork + 1, dayBefore.PersonsReserved - 1), (firstDay.PersonsAtWork, firstDay.PersonsReserved));

        await platform.AsCompany.AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, FromOn = On(4, 1), MinutesPerWeek = 1200,
        });
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = On(4, 30), Reason = EndReason.Regular,
        });
        await MunicipalityPlatform.Eventually(async () => (await platform.LedgerAsync(Amsterdam, On(5, 1))).PersonsAtWork == dayBefore.PersonsAtWork, "place freed");
        Assert.Equal(firstDay.MinutesAtWork, (await platform.LedgerAsync(Amsterdam, On(3, 31))).MinutesAtWork);
        Assert.Equal(firstDay.MinutesAtWork - 300, (await platform.LedgerAsync(Amsterdam, On(4, 1))).MinutesAtWork);
        Assert.Equal(firstDay.MinutesAtWork - 300, (await platform.LedgerAsync(Amsterdam, On(4, 30))).MinutesAtWork);
    }

    [Fact]
    public async Task A_dropout_frees_the_place_that_was_reserved()
    {
        var (caseId, _) = await platform.OfferedAsync();
        var before = await platform.LedgerAsync(Amsterdam, On(2, 26));
        await platform.Cases().RecordDropoutAsync(Dropout(caseId, Amsterdam));
        var after = await platform.LedgerAsync(Amsterdam, On(2, 26));
        Assert.Equal(before.PersonsReserved - 1, after.PersonsReserved);
        Assert.Equal(["candidate-dropped-out", "place-freed"], (await platform.TimelineAsync(caseId))[^2..]);
        Assert.Equal((CaseState.DroppedOut, OfferState.Lapsed), ((await platform.CaseAsync(caseId)).State, (await platform.CaseAsync(caseId)).Offer.State));
    }

    private static (ErrorReason, StatusCode) Of(Refused refused) => (refused.Reason, refused.Code);

    private static RecordDropoutRequest Dropout(string caseId, string code) =>
        new() { Municipality = code, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(2, 26) };

    private static OfferAlternativeRequest Alternative(string caseId, string code = Amsterdam) =>
        new() { Municipality = code, RequestId = NewId(), CaseId = caseId, Kind = AlternativeKind.Dagbesteding, OfferedOn = On(2, 20) };
}
