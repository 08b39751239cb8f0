using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.SwCompanies;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Which cases of a municipality somebody must look at, and what can be done about each.</summary>
public sealed class DiscrepancyListTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Cases_with_a_discrepancy_are_found_among_the_others_of_their_own_municipality()
    {
        var (placed, ended) = (new List<string>(), new List<string>());
        for (var i = 0; i < 3; i++) placed.Add(await WorksUndecidedAsync(Groningen));
        for (var i = 0; i < 2; i++) ended.Add(await EndedUnplacedAsync(Groningen));
        await platform.OpenedAsync(Groningen);
        var elsewhere = await WorksUndecidedAsync(Terschelling);

        var request = new ListCasesRequest { Municipality = Groningen, HasDiscrepancy = true };
        var all = await PagesAsync(request, size: 2);
        Assert.Equal(placed.Concat(ended).Order(), all.Select(found => found.CaseId).Order());
        foreach (var found in all)
        {
            Assert.Equal((await platform.CaseAsync(found.CaseId, Groningen)).DiscrepancyDetails, found.DiscrepancyDetails);
        }

        Assert.All(all, found => Assert.All(found.DiscrepancyDetails, detail => Assert.NotEmpty(detail.Remedy)));

        request.DiscrepancyKind = DiscrepancyKind.EndedWithoutPlacement;
        Assert.Equal(ended.Order(), (await PagesAsync(request, size: 1)).Select(found => found.CaseId).Order());
        request.HasDiscrepancy = false;
        Assert.Equal(ended.Order(), (await PagesAsync(request, size: 100)).Select(found => found.CaseId).Order());
        request.State = CaseState.Placed;
        Assert.Empty(await PagesAsync(request, size: 1));
        request = new ListCasesRequest { Municipality = Terschelling, HasDiscrepancy = true };
        Assert.Equal([elsewhere], (await PagesAsync(request, size: 1)).Select(found => found.CaseId));
    }

    [Fact]
    public async Task A_token_is_of_its_filter()
    {
        for (var i = 0; i < 2; i++) await WorksUndecidedAsync(Amsterdam);
        var request = new ListCasesRequest { Municipality = Amsterdam, HasDiscrepancy = true, PageSize = 1 };
        request.PageToken = (await platform.Cases().ListCasesAsync(request)).NextPageToken;
        Assert.NotEmpty(request.PageToken);
        foreach (var other in new[]
        {
            new ListCasesRequest(request) { HasDiscrepancy = false },
            new ListCasesRequest(request) { DiscrepancyKind = DiscrepancyKind.PlacedWithoutDetermination },
            new ListCasesRequest(request) { Municipality = Utrecht },
        })
        {
            Assert.Equal(["page_token"], (await RefusedAsync(platform.Cases(other.Municipality).ListCasesAsync(other))).Fields);
        }
    }

    [Fact]
    public async Task A_kind_that_no_case_can_have_is_refused()
    {
        foreach (var kind in new[] { DiscrepancyKind.AdviceForUnknownCase, (DiscrepancyKind)99 })
        {
            var request = new ListCasesRequest { Municipality = Amsterdam, DiscrepancyKind = kind };
            Assert.Equal(["discrepancy_kind"], (await RefusedAsync(platform.Cases().ListCasesAsync(request))).Fields);
        }
    }

    private async Task<List<Case>> PagesAsync(ListCasesRequest request, int size)
    {
        var found = new List<Case>();
        var page = new ListCasesRequest(request) { PageSize = size };
        do
        {
            var answer = await platform.Cases(request.Municipality).ListCasesAsync(page);
            Assert.InRange(answer.Cases.Count, 0, size);
            found.AddRange(answer.Cases);
            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);
        return found;
    }

    private Task<string> WorksUndecidedAsync(string code) => ContradictedAsync(code, caseId => new PlacementsReported
    {
        CompanyId = MunicipalityPlatform.Company,
        Placements =
        {
            new ReportedPlacement { PlacementId = NewId(), CaseId = caseId, OfferId = NewId(), StartOn = On(3, 5), MinutesPerWeek = 600 },
        },
    });

    private Task<string> EndedUnplacedAsync(string code) => ContradictedAsync(code, caseId => new PlacementEnded
    {
        PlacementId = NewId(), CaseId = caseId, OfferId = NewId(), LastDay = On(4, 30), Reason = EndReason.Regular, Version = 2,
    });

    private async Task<string> ContradictedAsync(string code, Func<string, IMessage> fact)
    {
        var caseId = await platform.OpenedAsync(code);
        var runtime = platform.App.Services.GetRequiredService<ServiceRuntime<SwCompanyStore, SwCompaniesPlatformStore>>();
        await runtime.TenantStores.Get(TenantId.Parse(code)).WriteAsync(
            WriteInfo.Capture(Caller.OfService("test")),
            session =>
            {
                session.Raise(fact(caseId), NewId());
                return true;
            });
        await MunicipalityPlatform.Eventually(async () => (await platform.CaseAsync(caseId, code)).Discrepancies.Count > 0, "it is named");
        return caseId;
    }
}
