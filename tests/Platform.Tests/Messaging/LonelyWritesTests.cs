using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>Each service takes its writes with no other service and no broker beside it, and is killed for it; nothing is lost.</summary>
public sealed class LonelyWritesTests(LonelyPlatform platform) : IClassFixture<LonelyPlatform>
{
    [Fact]
    public async Task Every_service_alone_takes_its_writes_and_the_others_hear_of_them_later()
    {
        // What each decides about: one case to advise on, and one to place, which SwCompanies knows when it knows the case behind it.
        var asked = await platform.Cases().RequestAdviceAsync(Ask(await platform.OpenedAsync()));
        var (waiting, offer) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(waiting, offer));
        await platform.PlacedAsync();

        var (opened, practice) = ("", "");
        Dictionary<string, Func<Task>> writes = new()
        {
            ["municipalities"] = async () => opened = await platform.OpenedAsync(),
            ["uwv"] = () => platform.AdviseAsync(asked.AdviceRequestId),
            ["swcompanies"] = async () => await platform.AsCompany.ReportPlacementAsync(Place(waiting, offer)),
            ["knowledge"] = async () => practice = (await Practices.SubmitPracticeAsync(Practice)).PracticeId,
            ["insight"] = async () => await platform.AsMinistry.ImportPublishedFiguresAsync(Import(
                Published("at_work", "2", FigureUnit.Persons), Published("positive_advices_cumulative", "3", FigureUnit.Advices))),
        };
        await platform.Node.KillAsync();
        foreach (var service in writes.Keys) await platform.KillAsync(service);
        foreach (var (service, write) in writes)
        {
            platform.Start(service);
            await platform.ServingAsync(service);
            await write();
            await platform.KillAsync(service);
        }

        await platform.Node.StartAsync();
        foreach (var service in writes.Keys) platform.Start(service);
        foreach (var service in writes.Keys) await platform.ServingAsync(service);
        // Both sides of each line crossed a process: the published figure was told to Insight alone, ours counts what the others were told.
        await BrokerTest.EventuallyAsync(
            async () => (await platform.AsMinistry.CompareWithPublishedAsync(new CompareWithPublishedRequest())).Lines is { Count: 2 } lines && lines.All(line => line.Equal),
            "Insight counts what was told to UWV and to SwCompanies");
        await platform.BecomesAsync(waiting, CaseState.Placed);
        Assert.Equal(CaseState.Identified, (await platform.CaseAsync(opened)).State);
        Assert.Equal(Practice.Title, (await Practices.GetPracticeAsync(new GetPracticeRequest { PracticeId = practice })).Practice.Title);
    }

    private PracticeService.PracticeServiceClient Practices => new(platform.Municipality(Amsterdam));

    private static SubmitPracticeRequest Practice { get; } = new()
    {
        RequestId = NewId(), Kind = PracticeKind.Practice, Theme = PracticeTheme.Finding, Title = "Werk vinden", Summary = "Kort.", Body = "Hoe wij het doen.", SubmittedOn = On(5, 1),
    };
}
