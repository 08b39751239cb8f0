using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

public sealed class PublishedFigureTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    [Fact]
    public async Task Published_figures_stand_beside_ours_once_however_often_they_are_imported()
    {
        await platform.PlacedAsync();
        await platform.BecomesAsync(OnDay("at_work", On(6, 30)), "1");
        await platform.BecomesAsync(OnDay("at_work_share_of_advised", On(6, 30)), "100");
        await platform.BecomesAsync(OnDay("quota_number", On(6, 30)), "178");
        var figures = new[]
        {
            Published("at_work", "1", FigureUnit.Persons),
            Published("filled_share_31h", "0.5", FigureUnit.Percent, "0.1"),
            Published("days_advice_to_start", "1", FigureUnit.Months),
            new PublishedFigure(Published("positive_advices_cumulative", "4", FigureUnit.Advices)) { Peildatum = On(12, 31), Scenario = Scenario.RepeatQuarter },
            new PublishedFigure(Published("filled_share_persons", "0", FigureUnit.Percent)) { Municipality = Terschelling },
        };

        var first = await platform.AsMinistry.ImportPublishedFiguresAsync(Import(figures));
        figures[0].Value = "2";
        var second = await platform.AsMinistry.ImportPublishedFiguresAsync(Import(figures));
        var compared = await platform.AsMinistry.CompareWithPublishedAsync(new CompareWithPublishedRequest());

        Assert.Equal((5, 0, 0, 5), (first.Added, first.Replaced, second.Added, second.Replaced));
        Assert.Equal(
            [
                "at_work 2 1 False",
                // 1,500 minutes of 178 places of 1,860
                "filled_share_31h 0.5 0.5 True",
                "days_advice_to_start 1 1 True",
                "positive_advices_cumulative 4 4 True",
                "filled_share_persons 0  False",
            ],
            compared.Lines.Select(line => $"{line.Published.FigureId} {line.Published.Value} {line.OursRounded} {line.Equal}"));
        Assert.Equal("0.453063", compared.Lines[1].Ours.Decimal);
        Assert.Equal(("0.919918", FigureUnit.Months), (compared.Lines[2].Ours.Decimal, compared.Lines[2].Ours.Unit));
        Assert.Null(compared.Lines[4].Ours);
        Assert.Equal(figures, compared.Lines.Select(line => line.Published));

        var one = await platform.AsMinistry.CompareWithPublishedAsync(new CompareWithPublishedRequest { FigureId = "at_work", Origin = FigureOrigin.Letter });
        Assert.Equal("at_work", Assert.Single(one.Lines).Published.FigureId);
        Assert.Empty((await platform.AsMinistry.CompareWithPublishedAsync(new CompareWithPublishedRequest { Origin = FigureOrigin.Press })).Lines);

        // Another municipality's line is not for Utrecht.
        var utrecht = new FigureService.FigureServiceClient(platform.Municipality(Utrecht));
        Assert.Equal(4, (await utrecht.CompareWithPublishedAsync(new CompareWithPublishedRequest())).Lines.Count);
    }

    [Fact]
    public async Task Every_fault_of_every_figure_is_answered_at_once_and_nothing_is_stored()
    {
        var good = Published("persons_holding_positive_advice", "3", FigureUnit.Persons);
        var request = Import(
            good,
            Published("at_play", "1", FigureUnit.Persons),
            new PublishedFigure(Published("at_work", "1.5", FigureUnit.Months)) { Requester = Requester.Citizen, PeriodFrom = On(1, 1) },
            new PublishedFigure(good) { Value = "4" });

        var refused = await RefusedAsync(platform.AsMinistry.ImportPublishedFiguresAsync(request));

        Assert.Equal((ErrorReason.InvalidFields, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Equal(["figures[1].figure_id", "figures[2].period_from", "figures[2].requester", "figures[2].unit", "figures[2].value", "figures[3]"], refused.Fields);
        Assert.Empty((await platform.AsMinistry.CompareWithPublishedAsync(new CompareWithPublishedRequest { FigureId = good.FigureId })).Lines);
    }
}
