using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>What is refused, and who may read what.</summary>
public sealed class FigureRefusalTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    private static readonly GetFigureRequest National = OnDay("at_work", On(6, 30));

    private static FigureService.FigureServiceClient As(CallInvoker caller) => new(caller);

    [Fact]
    public async Task The_nation_is_for_every_organisation_and_for_no_citizen()
    {
        foreach (var caller in new[] { platform.Ministry(), platform.Operator(), platform.Municipality(Amsterdam), platform.Uwv(), platform.Cedris(), platform.SwCompany(Company) })
        {
            Assert.Equal(12, (await As(caller).ListFiguresAsync(new ListFiguresRequest())).Figures.Count);
            Assert.Equal("at_work", (await As(caller).GetFigureAsync(National)).Definition.FigureId);
        }

        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(As(platform.Citizen("burger", Amsterdam)).GetFigureAsync(National))).Reason);
    }

    [Fact]
    public async Task One_municipality_is_for_itself_and_for_who_watches_over_the_act()
    {
        var utrecht = OnDay("at_work", On(6, 30), Utrecht);
        foreach (var caller in new[] { platform.Ministry(), platform.Operator(), platform.Municipality(Utrecht), platform.Uwv(), platform.Cedris() })
        {
            Assert.Equal(0, (await As(caller).GetFigureAsync(utrecht)).Value.Numerator);
        }

        foreach (var caller in new[] { platform.Municipality(Amsterdam), platform.SwCompany(Company) })
        {
            var refused = await RefusedAsync(As(caller).GetFigureAsync(utrecht));
            Assert.Equal((ErrorReason.MunicipalityNotFound, StatusCode.NotFound), (refused.Reason, refused.Code));
        }

        var split = new GetSeriesRequest { FigureId = "at_work", Breakdown = Breakdown.Municipality, Step = SeriesStep.Year, PeriodFrom = On(1, 1, 2017), PeriodTo = On(6, 30) };
        Assert.Equal([Utrecht], (await As(platform.Municipality(Utrecht)).GetSeriesAsync(split)).Lines.Select(line => line.Code));
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(As(platform.SwCompany(Company)).GetSeriesAsync(split))).Reason);
    }

    [Fact]
    public async Task Only_the_ministry_and_operators_import()
    {
        var import = Import(Published("at_work", "1", FigureUnit.Persons));
        foreach (var caller in new[] { platform.Municipality(Amsterdam), platform.Uwv(), platform.Cedris(), platform.SwCompany(Company) })
        {
            Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(As(caller).ImportPublishedFiguresAsync(import))).Reason);
        }

        Assert.Equal(ErrorReason.NotAuthenticated, (await RefusedAsync(As(platform.WithToken("nobody")).GetFigureAsync(National))).Reason);
    }

    [Fact]
    public async Task What_does_not_exist_or_cannot_be_told_says_which()
    {
        async Task<ErrorReason> ReasonAsync(GetFigureRequest request) => (await RefusedAsync(platform.AsMinistry.GetFigureAsync(request))).Reason;

        Assert.Equal(ErrorReason.NotFound, await ReasonAsync(OnDay("at_play", On(6, 30))));
        Assert.Equal(ErrorReason.MunicipalityNotFound, await ReasonAsync(OnDay("at_work", On(6, 30), "GM9999")));
        Assert.Equal(ErrorReason.NotFound, await ReasonAsync(new(National) { LabourMarketRegion = 7 }));
        Assert.Equal(ErrorReason.FigureNotAvailable, await ReasonAsync(OnDay("negative_for_both", On(6, 30))));
        var listed = await platform.AsMinistry.ListFiguresAsync(new ListFiguresRequest());
        Assert.Equal(["negative_for_both"], listed.Figures.Where(figure => !figure.Available).Select(figure => figure.FigureId));
    }

    [Fact]
    public async Task Bad_fields_are_named_all_at_once()
    {
        async Task<string> FieldsAsync<T>(AsyncUnaryCall<T> call)
        {
            var refused = await RefusedAsync(call);
            Assert.Equal(ErrorReason.InvalidFields, refused.Reason);
            return string.Join(' ', refused.Fields);
        }

        var figure = new GetFigureRequest { FigureId = "at_work", PeriodFrom = On(1, 1), Requester = Requester.Citizen, Municipality = Amsterdam, LabourMarketRegion = 1, KnownAt = new() { Nanos = -1 } };
        Assert.Equal("known_at peildatum period_from requester labour_market_region", await FieldsAsync(platform.AsMinistry.GetFigureAsync(figure)));
        Assert.Equal("peildatum", await FieldsAsync(platform.AsMinistry.GetFigureAsync(OnDay("at_work", On(1, 1, 9999)))));
        Assert.Equal("municipality figure_id labour_market_region", await FieldsAsync(platform.AsMinistry.GetFigureAsync(new() { Municipality = "363", LabourMarketRegion = 36 })));

        var series = new GetSeriesRequest { FigureId = "at_work", Breakdown = Breakdown.Requester, Step = SeriesStep.Month, PeriodFrom = On(2, 1), PeriodTo = On(1, 1) };
        Assert.Equal("period_to breakdown", await FieldsAsync(platform.AsMinistry.GetSeriesAsync(series)));
        Assert.Equal("breakdown step period_from period_to", await FieldsAsync(platform.AsMinistry.GetSeriesAsync(new() { FigureId = "at_work" })));
        var endless = new GetSeriesRequest { FigureId = "at_work", Breakdown = Breakdown.Nation, Step = SeriesStep.Month, PeriodFrom = On(1, 1, 1968), PeriodTo = On(1, 1) };
        Assert.Equal("period_to", await FieldsAsync(platform.AsMinistry.GetSeriesAsync(endless)));

        var scenario = new ExtrapolateFigureRequest { FigureId = "positive_share", Scenario = Scenario.RepeatQuarter, BaseQuarterFrom = On(2, 1), PeriodFrom = On(1, 2), PeriodTo = On(1, 31) };
        Assert.Equal("figure_id base_quarter_from period_to period_from period_to", await FieldsAsync(platform.AsMinistry.ExtrapolateFigureAsync(scenario)));
    }

    [Fact]
    public async Task A_quarter_that_is_not_over_is_no_base()
    {
        var today = DateTime.UtcNow.AddHours(2);
        var quarter = new DateOnly(today.Year, ((today.Month - 1) / 3 * 3) + 1, 1);
        var request = new ExtrapolateFigureRequest
        {
            FigureId = "positive_advices_cumulative", Scenario = Scenario.RepeatQuarter,
            BaseQuarterFrom = On(quarter.Month, 1, quarter.Year), Peildatum = On(12, 31, quarter.Year + 1),
        };

        Assert.Equal(ErrorReason.FigureNotAvailable, (await RefusedAsync(platform.AsMinistry.ExtrapolateFigureAsync(request))).Reason);
    }

    [Fact]
    public async Task Figures_are_listed_page_by_page()
    {
        var ids = new List<string>();
        var token = "";
        do
        {
            var page = await platform.AsMinistry.ListFiguresAsync(new ListFiguresRequest { PageSize = 5, PageToken = token });
            ids.AddRange(page.Figures.Select(figure => figure.FigureId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal((12, 12), (ids.Count, ids.Distinct().Count()));
    }
}
