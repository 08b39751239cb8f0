using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

public sealed class CompanyTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    private static RegisterCompanyRequest Register(string id) => new()
    {
        RequestId = NewId(), CompanyId = id, Name = "Company " + id, LabourMarketRegion = 3, RegisteredOn = Contracted.ToDate(),
    };

    private static SignContractRequest Sign(string company, DateOnly start, string municipality = Rotterdam) => new()
    {
        Municipality = municipality, RequestId = NewId(), CompanyId = company, SignedOn = Contracted.ToDate(), StartOn = start.ToDate(),
    };

    private static EndContractRequest End(string company, DateOnly lastDay) => new()
    {
        Municipality = Rotterdam, RequestId = NewId(), CompanyId = company, LastDay = lastDay.ToDate(),
    };

    [Fact]
    public async Task A_company_is_registered_once_and_everybody_finds_it()
    {
        var request = Register("sw-west");
        var answer = await platform.Companies(platform.Operator()).RegisterCompanyAsync(request);
        Assert.Equal(answer, await platform.Companies(platform.Operator()).RegisterCompanyAsync(request));
        Assert.Equal(ErrorReason.AlreadyRegistered, (await RefusedAsync(platform.Companies(platform.Operator()).RegisterCompanyAsync(Register("sw-west")))).Reason);

        foreach (var caller in new[] { platform.Municipality(Amsterdam), platform.SwCompany(Noord), platform.Cedris(), platform.Ministry() })
        {
            var found = await platform.Companies(caller).GetCompanyAsync(new GetCompanyRequest { CompanyId = "sw-west" });
            Assert.Equal(answer.Company, found.Company);
        }

        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.Companies(platform.Operator()).GetCompanyAsync(new GetCompanyRequest { CompanyId = "sw-nergens" }))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(platform.Companies(platform.Uwv()).RegisterCompanyAsync(Register("sw-uwv")))).Reason);
    }

    [Fact]
    public async Task Companies_are_listed_in_pages()
    {
        for (var i = 0; i < 5; i++) await platform.Companies(platform.Operator()).RegisterCompanyAsync(Register($"sw-list-{i}"));
        var ids = new List<string>();
        var request = new ListCompaniesRequest { PageSize = 3 };
        do
        {
            var page = await platform.Companies(platform.Cedris()).ListCompaniesAsync(request);
            ids.AddRange(page.Companies.Select(company => company.CompanyId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Superset(new HashSet<string> { Noord, Zuid, "sw-list-0", "sw-list-4" }, ids.ToHashSet());
    }

    [Fact]
    public async Task A_contract_opens_a_municipality_to_a_company_until_it_ends()
    {
        await platform.Companies(platform.Operator()).RegisterCompanyAsync(Register("sw-contract"));
        var rotterdam = platform.Companies(platform.Municipality(Rotterdam));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(rotterdam.SignContractAsync(Sign("sw-nergens", Start)))).Reason);
        Assert.Equal(ErrorReason.NoContract, (await RefusedAsync(rotterdam.EndContractAsync(End("sw-contract", Start)))).Reason);

        var signed = await rotterdam.SignContractAsync(Sign("sw-contract", Start));
        Assert.Equal(ErrorReason.ContractExists, (await RefusedAsync(rotterdam.SignContractAsync(Sign("sw-contract", Start.AddYears(1))))).Reason);

        var candidate = await platform.AcceptedAsync(Rotterdam, "sw-contract");
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(rotterdam.EndContractAsync(End("sw-contract", Start.AddDays(-1))))).Reason);
        Assert.Equal(signed.ContractId, (await rotterdam.EndContractAsync(End("sw-contract", Start.AddDays(9)))).ContractId);

        // The last day still counts, and what runs may always be ended.
        var late = Request(candidate, Report(candidate, Start.AddDays(10), Start.AddDays(20)));
        Assert.Equal(ErrorReason.NoContract, (await RefusedAsync(platform.AsCompany("sw-contract").ReportPlacementAsync(late))).Reason);
        var inTime = Request(candidate, Report(candidate, Start.AddDays(9), Start.AddDays(20)));
        await platform.AsCompany("sw-contract").ReportPlacementAsync(inTime);
        await platform.AsCompany("sw-contract").EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Rotterdam, RequestId = NewId(), PlacementId = inTime.RequestId, LastDay = Start.AddDays(15).ToDate(), Reason = EndReason.Regular,
        });

        await rotterdam.SignContractAsync(Sign("sw-contract", Start.AddDays(10)));
        await platform.AsCompany("sw-contract").ReportPlacementAsync(new ReportPlacementRequest { Municipality = Rotterdam, RequestId = NewId(), Report = Report(candidate, Start.AddDays(10), Start.AddDays(11), 60) });
    }

    [Fact]
    public async Task Contracts_hold_by_their_days_whichever_is_told_first()
    {
        await platform.Companies(platform.Operator()).RegisterCompanyAsync(Register("sw-later"));
        var rotterdam = platform.Companies(platform.Municipality(Rotterdam));
        var later = await rotterdam.SignContractAsync(Sign("sw-later", Start.AddDays(30)));
        var candidate = await platform.AcceptedAsync(Rotterdam, "sw-later");
        AsyncUnaryCall<ReportPlacementResponse> PlaceAsync(int day)
        {
            var report = Report(candidate, Start.AddDays(day), Start.AddDays(day), 60);
            return platform.AsCompany("sw-later").ReportPlacementAsync(Request(candidate, report));
        }

        async Task<ErrorReason> ReasonAsync(int day) => (await RefusedAsync(PlaceAsync(day))).Reason;
        Assert.Equal(ErrorReason.NoContract, await ReasonAsync(10));

        var forgotten = await rotterdam.SignContractAsync(Sign("sw-later", Start));
        var again = rotterdam.SignContractAsync(Sign("sw-later", Start.AddDays(29)));
        Assert.Equal(ErrorReason.ContractExists, (await RefusedAsync(again)).Reason);
        await PlaceAsync(29);

        Assert.Equal(forgotten.ContractId, (await rotterdam.EndContractAsync(End("sw-later", Start.AddDays(19)))).ContractId);
        Assert.Equal(ErrorReason.NoContract, await ReasonAsync(20));
        await PlaceAsync(30);
        Assert.Equal(later.ContractId, (await rotterdam.EndContractAsync(End("sw-later", Start.AddDays(40)))).ContractId);
    }
}
