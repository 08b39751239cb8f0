using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Insight;
using BeschutWerk.Platform.Tests.Municipalities;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>The small country of the municipalities' tests with its regulation in places of 31 hours, and what Insight says of it.</summary>
public class InsightPlatform : MunicipalityPlatform, IAsyncLifetime
{
    public FigureService.FigureServiceClient AsMinistry => new(Ministry());

    internal ServiceRuntime<NoTenantStore, InsightStore> Runtime => App.Services.GetRequiredService<ServiceRuntime<NoTenantStore, InsightStore>>();

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        // It hears of them by events, which it may still be gathering.
        foreach (var code in Country) await Eventually(() => KnowsAsync(code), $"Insight knows {code}");
    }

    private static string[] Country => [Amsterdam, Utrecht, Groningen, Terschelling, Westerwolde];

    protected override async Task PopulateAsync()
    {
        foreach (var code in Country) await Tenants.RegisterTenantAsync(Register(code));
        await Quotas.ImportQuotaRegulationAsync(Regulation(unit: CountingUnit.Places31Hours));
        var companies = new CompanyService.CompanyServiceClient(Operator());
        await companies.RegisterCompanyAsync(new RegisterCompanyRequest { RequestId = NewId(), CompanyId = Company, Name = "Wedeka", LabourMarketRegion = 1, RegisteredOn = On(1, 1, 2015) });
        foreach (var code in new[] { Amsterdam, Utrecht })
        {
            await new CompanyService.CompanyServiceClient(Municipality(code)).SignContractAsync(
                new SignContractRequest { Municipality = code, RequestId = NewId(), CompanyId = Company, SignedOn = On(1, 1, 2015), StartOn = On(1, 1, 2015) });
        }
    }

    private async Task<bool> KnowsAsync(string code)
    {
        try
        {
            await AsMinistry.GetFigureAsync(In2018("advice_requests", code));
            return true;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    public static GetFigureRequest OnDay(string figureId, Google.Type.Date peildatum, string municipality = "") =>
        new() { FigureId = figureId, Peildatum = peildatum, Municipality = municipality };

    public static GetFigureRequest In2018(string figureId, string municipality = "") =>
        new() { FigureId = figureId, PeriodFrom = On(1, 1), PeriodTo = On(12, 31), Municipality = municipality };

    public async Task<string> ValueAsync(GetFigureRequest request) => (await AsMinistry.GetFigureAsync(request)).Value?.Decimal.TrimEnd('0').TrimEnd('.') ?? "";

    /// <summary>Waits until events brought a figure to a value.</summary>
    public async Task BecomesAsync(GetFigureRequest request, string value)
    {
        var last = "";
        await Eventually(async () => (last = await ValueAsync(request)) == value, $"{request.FigureId} is {value}");
        Assert.Equal(value, last);
    }

    public static PublishedFigure Published(string figureId, string value, FigureUnit unit, string step = "1") => new()
    {
        FigureId = figureId, Value = value, RoundingStep = step, Unit = unit, Origin = FigureOrigin.Letter, Source = "Letter", Peildatum = On(6, 30),
    };

    public static ImportPublishedFiguresRequest Import(params PublishedFigure[] figures) =>
        new() { RequestId = NewId(), ImportedOn = On(7, 1), Figures = { figures } };
}
