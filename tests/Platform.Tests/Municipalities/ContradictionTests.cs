using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.SwCompanies;
using BeschutWerk.UwvAdvice;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>
/// Facts that the other services would not let through now, but that may come from their past: taken as they are, named on
/// the case, never failing. They are raised in the other services' own logs, past their rules, and travel from there.
/// </summary>
public sealed class ContradictionTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Who_works_on_an_offer_that_he_did_not_accept_works()
    {
        var before = await platform.LedgerAsync(Amsterdam, On(3, 5));
        var (caseId, offerId) = await platform.OfferedAsync();
        var placementId = await PlacedAsync(caseId, offerId);

        await platform.BecomesAsync(caseId, CaseState.Placed);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.Placed, OfferState.Realised), (found.State, found.Offer.State));
        Assert.Equal([DiscrepancyKind.PlacedWithoutOffer], found.Discrepancies);
        var detail = Assert.Single(found.DiscrepancyDetails);
        Assert.Equal((DiscrepancyKind.PlacedWithoutOffer, placementId), (detail.Kind, detail.Fact));
        Assert.NotEmpty(detail.Remedy);
        var after = await platform.LedgerAsync(Amsterdam, On(3, 5));
        Assert.Equal((before.PersonsAtWork + 1, before.PersonsReserved), (after.PersonsAtWork, after.PersonsReserved));
        Assert.Equal("discrepancy-found", (await platform.TimelineAsync(caseId))[^1]);
    }

    [Fact]
    public async Task Who_works_without_a_determination_is_counted_but_not_placed()
    {
        var before = await platform.LedgerAsync(Amsterdam, On(3, 5));
        var caseId = await platform.OpenedAsync();
        await PlacedAsync(caseId, NewId());

        await NamedAsync(caseId, DiscrepancyKind.PlacedWithoutDetermination);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal(CaseState.Identified, found.State);
        Assert.Equal([DiscrepancyKind.PlacedWithoutDetermination], found.Discrepancies);
        Assert.Equal(before.PersonsAtWork + 1, (await platform.LedgerAsync(Amsterdam, On(3, 5))).PersonsAtWork);
    }

    [Fact]
    public async Task Facts_about_unknown_cases_and_placements_are_named()
    {
        await PlacedAsync(NewId(), NewId());
        await EndedAsync(NewId(), NewId(), EndReason.Regular);

        var (caseId, _) = await platform.OfferedAsync();
        await EndedAsync(caseId, NewId(), EndReason.Regular);
        await TellAsync(new PlacementAmended { PlacementId = NewId(), CaseId = caseId, FromOn = On(4, 1), MinutesPerWeek = 1200, Version = 2 });

        await MunicipalityPlatform.Eventually(async () => (await platform.CaseAsync(caseId)).DiscrepancyDetails.Count == 2, "both are named");
        var found = await platform.CaseAsync(caseId);
        Assert.Equal(CaseState.OfferOpen, found.State);
        Assert.Equal([DiscrepancyKind.EndedWithoutPlacement], found.Discrepancies);
        Assert.Equal(2, (await platform.TimelineAsync(caseId)).Count(name => name == "discrepancy-found"));
    }

    [Fact]
    public async Task An_advice_after_the_decision_changes_nothing_but_is_named()
    {
        var caseId = await platform.DeterminedAsync();
        var advice = new AdviceIssued
        {
            AdviceRequestId = NewId(), Requester = Requester.Municipality, RequesterReference = caseId, Verdict = Verdict.Negative, IssuedOn = On(3, 1),
        };
        await RaiseAsync<UwvStore, UwvPlatformStore>(advice);

        await NamedAsync(caseId, DiscrepancyKind.AdviceAfterDetermination);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DeterminedPositive, Verdict.Positive), (found.State, found.Verdict));
        Assert.Equal([DiscrepancyKind.AdviceAfterDetermination], found.Discrepancies);
    }

    [Fact]
    public async Task A_candidate_with_two_placements_leaves_with_the_last()
    {
        var (caseId, offerId, first) = await platform.PlacedAsync();
        var second = await PlacedAsync(caseId, offerId);
        await EndedAsync(caseId, first, EndReason.Regular);
        await MunicipalityPlatform.Eventually(async () => (await platform.TimelineAsync(caseId)).Contains("placement-ended"), "the first ended");
        Assert.Equal(CaseState.Placed, (await platform.CaseAsync(caseId)).State);
        Assert.DoesNotContain("place-freed", await platform.TimelineAsync(caseId));

        await EndedAsync(caseId, second, EndReason.Regular);
        await platform.BecomesAsync(caseId, CaseState.Exited);
        Assert.Equal("place-freed", (await platform.TimelineAsync(caseId))[^1]);
    }

    [Fact]
    public async Task Going_to_another_sheltered_employer_is_no_exit()
    {
        var (caseId, _, placementId) = await platform.PlacedAsync();
        await EndedAsync(caseId, placementId, EndReason.OtherShelteredEmployer);
        await platform.BecomesAsync(caseId, CaseState.DeterminedPositive);
        var found = await platform.CaseAsync(caseId);
        Assert.Equal((CaseState.DeterminedPositive, true), (found.State, found.DutyOpen));
        var next = Offer(caseId);
        (next.OfferedOn, next.PlannedStart) = (On(5, 1), On(5, 7));
        Assert.False((await platform.Cases().OfferPlaceAsync(next)).AboveNumber);
    }

    private async Task<string> PlacedAsync(string caseId, string offerId)
    {
        var placement = new ReportedPlacement { PlacementId = NewId(), CaseId = caseId, OfferId = offerId, StartOn = On(3, 5), MinutesPerWeek = 600 };
        await TellAsync(new PlacementsReported { CompanyId = MunicipalityPlatform.Company, Placements = { placement } });
        return placement.PlacementId;
    }

    private Task EndedAsync(string caseId, string placementId, EndReason reason) => TellAsync(
        new PlacementEnded { PlacementId = placementId, CaseId = caseId, OfferId = NewId(), LastDay = On(4, 30), Reason = reason, Version = 2 });

    private Task NamedAsync(string caseId, DiscrepancyKind kind) =>
        MunicipalityPlatform.Eventually(async () => (await platform.CaseAsync(caseId)).Discrepancies.Contains(kind), $"{kind} is named");

    private Task TellAsync(IMessage fact) => RaiseAsync<SwCompanyStore, SwCompaniesPlatformStore>(fact);

    private Task RaiseAsync<TTenant, TPlatform>(IMessage fact) where TTenant : StoreContext where TPlatform : StoreContext =>
        platform.App.Services.GetRequiredService<ServiceRuntime<TTenant, TPlatform>>().TenantStores.Get(TenantId.Parse(Amsterdam)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("test")),
            session =>
            {
                session.Raise(fact, NewId());
                return true;
            });
}
