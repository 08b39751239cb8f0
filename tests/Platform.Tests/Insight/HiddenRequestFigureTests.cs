using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>No figure tells a municipality that a citizen asked UWV without sharing it.</summary>
public sealed class HiddenRequestFigureTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    [Fact]
    public async Task A_municipality_counts_a_request_that_is_not_shared_from_its_advice()
    {
        var ids = new List<string>();
        foreach (var shared in new[] { false, true })
        {
            var person = NewPerson();
            var citizen = new AdviceService.AdviceServiceClient(platform.Citizen($"burger-figuur-{shared}", Groningen, person.Bsn));
            ids.Add((await citizen.RequestAdviceAsync(new RequestAdviceRequest
            {
                Municipality = Groningen, RequestId = NewId(), Requester = Requester.Citizen, Person = person, Benefit = Benefit.Wia,
                Kind = AdviceKind.First, PriorContact = PriorContact.None, ReceivedOn = On(1, 9), SharedBeforeAdvice = shared,
            })).AdviceRequestId);
        }

        await platform.BecomesAsync(Of(Groningen), "2");
        Assert.All(await SeenByAsync("ministry"), value => Assert.Equal("2", value));
        Assert.Equal(["1", "", "1", "", ""], await SeenByAsync("municipality"));

        await platform.AdviseAsync(ids[0], Groningen);

        await InsightPlatform.Eventually(async () => (await SeenByAsync("municipality"))[0] == "2", "Insight heard of the advice");
        Assert.Equal(["2", "", "2", "", ""], await SeenByAsync("municipality"));
    }

    /// <summary>What a caller sees of the day: of the municipality, of its region, the same in series, and of the nation; of a day
    /// of a region nothing, nor of a nation of a few municipalities.</summary>
    private async Task<List<string>> SeenByAsync(string caller)
    {
        var figures = new FigureService.FigureServiceClient(caller == "ministry" ? platform.Ministry() : platform.Municipality(Groningen));
        var series = new GetSeriesRequest
        {
            FigureId = "advice_requests", Requester = Requester.Citizen,
            PeriodFrom = On(1, 9), PeriodTo = On(1, 9), Step = SeriesStep.Month,
        };
        var region = Of("");
        region.LabourMarketRegion = 1;
        var byMunicipality = await figures.GetSeriesAsync(new GetSeriesRequest(series) { Breakdown = Breakdown.Municipality });
        var byRegion = await figures.GetSeriesAsync(new GetSeriesRequest(series) { Breakdown = Breakdown.LabourMarketRegion });
        return
        [
            Text((await figures.GetFigureAsync(Of(Groningen))).Value),
            Text((await figures.GetFigureAsync(region)).Value),
            Text(byMunicipality.Lines.Single(line => line.Code == Groningen).Points.Single().Value),
            Text(byRegion.Lines.Single().Points.Single().Value),
            Text((await figures.GetFigureAsync(Of(""))).Value),
        ];
    }

    private static string Text(FigureValue? value) => $"{value?.Numerator}";

    private static GetFigureRequest Of(string municipality) => new()
    {
        FigureId = "advice_requests", Requester = Requester.Citizen, Municipality = municipality, PeriodFrom = On(1, 9), PeriodTo = On(1, 9),
    };
}
