using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Insight;
using BeschutWerk.Insight.FromMunicipalities;
using BeschutWerk.Insight.FromSwCompanies;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>Through the contract: who is told what of a region in which few people work.</summary>
public sealed class RegionalFigureTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    [Fact]
    public async Task A_region_is_exact_for_who_reads_its_municipalities_and_of_a_table_for_others()
    {
        await AtWorkAsync(Amsterdam, 7);
        await AtWorkAsync(Utrecht, 6);
        await AtWorkAsync(Groningen, 3);
        var (municipality, company) = (As(platform.Municipality(Amsterdam)), As(platform.SwCompany(InsightPlatform.Company)));

        foreach (var reader in new[] { platform.AsMinistry, As(platform.Uwv()), As(platform.Cedris()), As(platform.Operator()) })
        {
            var exact = await reader.GetFigureAsync(Region(6, 29));
            Assert.Equal((16L, Withheld.Unspecified, null), (exact.Value.Numerator, exact.Withheld, exact.ReleasedOn));
        }

        var told = await municipality.GetFigureAsync(Region(6, 30));
        Assert.Equal((15L, Withheld.Unspecified, On(10, 2)), (told.Value.Numerator, told.Withheld, told.ReleasedOn));
        Assert.Equal(RegionalStep.EndOfQuarter, told.Definition.RegionalStep);
        Assert.Equal((null, Withheld.OtherStep), Answer(await municipality.GetFigureAsync(Region(6, 29))));
        Assert.Equal((null, Withheld.NotOfRegions), Answer(await company.GetFigureAsync(Region(6, 30))));
        Assert.Equal((7L, Withheld.Unspecified), Answer(await municipality.GetFigureAsync(OnDay("at_work", On(6, 29), Amsterdam))));
        // Numbers of the regulation are no persons.
        await platform.BecomesAsync(OnDay("quota_number", On(6, 29)), "178");
        var number = new GetFigureRequest(OnDay("quota_number", On(6, 29))) { LabourMarketRegion = 1 };
        Assert.Equal((178L, Withheld.Unspecified), Answer(await municipality.GetFigureAsync(number)));

        await SeriesAsync(municipality);
        await OnAnAssumptionAsync(municipality);
        await BesideThePublishedAsync(municipality);
        await TheNationIsExactOfSeveralRegionsAsync(municipality);
    }

    private async Task TheNationIsExactOfSeveralRegionsAsync(FigureService.FigureServiceClient municipality)
    {
        var nation = OnDay("at_work", On(6, 29));
        Assert.Equal((null, Withheld.SmallNumbers), Answer(await municipality.GetFigureAsync(nation)));
        var registered = new TenantRegistered { Municipality = "GM9001", Name = "Elders", LabourMarketRegion = 2 };
        await ApplyAsync(session => QuotaReactions.Registered(registered, session));
        Assert.Equal((16L, Withheld.Unspecified), Answer(await municipality.GetFigureAsync(nation)));
        // Nobody works in the new region, so that this one would follow from the nation.
        Assert.Equal((null, Withheld.SmallNumbers), Answer(await municipality.GetFigureAsync(Region(6, 30))));
    }

    private static async Task SeriesAsync(FigureService.FigureServiceClient municipality)
    {
        foreach (var breakdown in new[] { Breakdown.LabourMarketRegion, Breakdown.Nation })
        {
            var series = await municipality.GetSeriesAsync(new GetSeriesRequest
            {
                FigureId = "at_work", Breakdown = breakdown, Step = SeriesStep.Quarter, LabourMarketRegion = 1,
                PeriodFrom = On(1, 1), PeriodTo = On(7, 31),
            });
            var line = Assert.Single(series.Lines);
            Assert.Equal(
                ["15 Unspecified", "15 Unspecified", " OtherStep"],
                line.Points.Select(point => $"{point.Value?.Numerator} {point.Withheld}"));
            Assert.Equal([On(7, 2), On(10, 2), null], line.Points.Select(point => point.ReleasedOn));
        }

        // Its own part of the region is its own.
        var own = await municipality.GetSeriesAsync(new GetSeriesRequest
        {
            FigureId = "at_work", Breakdown = Breakdown.LabourMarketRegion, Step = SeriesStep.Month, Municipality = Amsterdam,
            PeriodFrom = On(4, 1), PeriodTo = On(4, 30),
        });
        Assert.Equal(7, own.Lines.Single().Points.Single().Value.Numerator);
        var requesters = await municipality.GetSeriesAsync(new GetSeriesRequest
        {
            FigureId = "advice_requests", Breakdown = Breakdown.Requester, Step = SeriesStep.Year, LabourMarketRegion = 1,
            PeriodFrom = On(1, 1), PeriodTo = On(12, 31),
        });
        Assert.All(requesters.Lines, line => Assert.Equal(Withheld.NotOfRegions, line.Points.Single().Withheld));
    }

    private static async Task OnAnAssumptionAsync(FigureService.FigureServiceClient municipality)
    {
        var scenario = await municipality.ExtrapolateFigureAsync(new ExtrapolateFigureRequest
        {
            FigureId = "positive_advices", Scenario = Scenario.RepeatQuarter, LabourMarketRegion = 1,
            BaseQuarterFrom = On(1, 1), PeriodFrom = On(1, 1), PeriodTo = On(12, 31),
        });
        Assert.Equal((null, null, null, Withheld.NotOfRegions), (scenario.Value, scenario.Actual, scenario.BaseQuarter, scenario.Withheld));
    }

    private async Task BesideThePublishedAsync(FigureService.FigureServiceClient municipality)
    {
        await platform.AsMinistry.ImportPublishedFiguresAsync(Import(Published("at_work", "16", FigureUnit.Persons)));
        var line = Assert.Single((await municipality.CompareWithPublishedAsync(new CompareWithPublishedRequest())).Lines);
        Assert.Equal((null, "", false, Withheld.SmallNumbers), (line.Ours, line.OursRounded, line.Equal, line.Withheld));
        Assert.True((await platform.AsMinistry.CompareWithPublishedAsync(new CompareWithPublishedRequest())).Lines.Single().Equal);
    }

    private static FigureService.FigureServiceClient As(CallInvoker caller) => new(caller);

    private static GetFigureRequest Region(int month, int day) => new(OnDay("at_work", On(month, day))) { LabourMarketRegion = 1 };

    private static (long? Value, Withheld Withheld) Answer(GetFigureResponse figure) => (figure.Value?.Numerator, figure.Withheld);

    /// <summary>Placements that were recorded before any table was made.</summary>
    private Task AtWorkAsync(string municipality, int persons) => ApplyAsync(session =>
    {
        var placements = Enumerable.Range(0, persons).Select(_ => new ReportedPlacement
        {
            PlacementId = Ids.New().Text(), CaseId = Ids.New().Text(), StartOn = On(3, 5), MinutesPerWeek = 1500,
        });
        var source = new SourceKey("swcompanies", TenantId.Parse(municipality));
        var told = new CloudEvent { Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) };
        PlacementReactions.Reported(new PlacementsReported { Placements = { placements } }, new ReceivedEvent(source, told, 0), session);
    });

    private Task ApplyAsync(Action<WriteSession<InsightStore>> apply) => platform.Runtime.PlatformStore.WriteAsync(
        WriteInfo.Capture(Caller.OfService("insight")),
        session =>
        {
            apply(session);
            return true;
        });
}
