using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>From calls to UWV, municipality and company, over events, to figures. A platform of its own: it counts everything there is.</summary>
public abstract class FigureFlow(InsightPlatform platform)
{
    [Fact]
    public async Task Figures_follow_from_what_the_services_did()
    {
        // Amsterdam: one at work, one advised negative, one asked; Utrecht: one at work up to the last day of April.
        await platform.PlacedAsync();
        await platform.AdvisedAsync(positive: false);
        await platform.Cases().RequestAdviceAsync(Ask(await platform.OpenedAsync()));
        var ended = await platform.PlacedAsync(Utrecht);
        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Utrecht, RequestId = NewId(), PlacementId = ended.PlacementId, LastDay = On(4, 30), Reason = EndReason.Regular,
        });

        await platform.BecomesAsync(In2018("advice_requests"), "4");
        await platform.BecomesAsync(In2018("positive_advices"), "2");
        await platform.BecomesAsync(OnDay("positive_advices_cumulative", On(2, 4)), "0");
        await platform.BecomesAsync(OnDay("persons_holding_positive_advice", On(2, 5)), "2");
        await platform.BecomesAsync(In2018("positive_share"), "66.666667");
        await platform.BecomesAsync(In2018("positive_share", Amsterdam), "50");
        await platform.BecomesAsync(In2018("positive_share", Groningen), "");
        await platform.BecomesAsync(OnDay("at_work", On(3, 4)), "0");
        await platform.BecomesAsync(OnDay("at_work", On(4, 30)), "2");
        await platform.BecomesAsync(OnDay("at_work", On(5, 1)), "1");
        await platform.BecomesAsync(OnDay("at_work_share_of_advised", On(5, 1)), "50");
        await platform.BecomesAsync(OnDay("days_advice_to_start", On(5, 1)), "28");
        // Four of the five registered municipalities and the two that count for Westerwolde: 100 + 1 + 70 + 0 + 7.
        await platform.BecomesAsync(OnDay("quota_number", On(5, 1)), "178");
        await platform.BecomesAsync(OnDay("filled_share_31h", On(4, 30), Utrecht), "80.645161");
        await platform.BecomesAsync(OnDay("filled_share_persons", On(4, 30), Utrecht), "100");
        await platform.BecomesAsync(OnDay("filled_share_31h", On(4, 30), Terschelling), "");
        await platform.BecomesAsync(OnDay("quota_number", On(5, 1), Terschelling), "0");

        await SeriesAreTheSameFiguresByStepAndPart();
        await PartsStandBesideTheMean();
        await AScenarioIsLabelledAndNotAFact();
        await ARestartDoublesNothing();
        foreach (var service in new[] { "municipalities", "uwv", "swcompanies" }) await ServiceHasItsFeed(service);
        await ServicesWithoutStoresOfMunicipalitiesSaySo();
    }

    private async Task ServiceHasItsFeed(string service)
    {
        var client = new EventService.EventServiceClient(platform.Municipality(Amsterdam));
        var (told, tokens, page) = (new List<CloudEvent>(), new List<string>(), new ReadEventsResponse());
        while (!page.EndReached)
        {
            page = await client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, Service = service, After = page.ResumeToken, PageSize = 1 });
            told.AddRange(page.Events);
            tokens.Add(page.ResumeToken);
        }

        Assert.NotEmpty(told);
        Assert.Contains(told, e => e.Source.Contains($":systeem:beschutwerk-{service}:{Amsterdam}:", StringComparison.Ordinal));
        // Behind the first event, live: the same ones.
        using var call = client.Subscribe(new SubscribeRequest { Municipality = Amsterdam, Service = service, After = tokens[0] });
        var live = new List<CloudEvent>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)) && call.ResponseStream.Current.CaughtUp is null)
        {
            if (call.ResponseStream.Current.Event is { } next) live.Add(next);
        }

        Assert.Equal(told.Skip(1), live);
        var other = service == "uwv" ? "swcompanies" : "uwv";
        Assert.Equal(ErrorReason.TokenOfAnotherStore, (await RefusedAsync(client.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, Service = other, After = tokens[0] }))).Reason);
    }

    private async Task ServicesWithoutStoresOfMunicipalitiesSaySo()
    {
        foreach (var service in new[] { "knowledge", "insight" })
        {
            var refused = await RefusedAsync(new EventService.EventServiceClient(platform.Municipality(Amsterdam)).ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, Service = service }));
            Assert.Equal((ErrorReason.InvalidFields, "service"), (refused.Reason, refused.Fields.Single()));
            Assert.True((await new EventService.EventServiceClient(platform.Service()).ReadEventsAsync(new ReadEventsRequest { Service = service })).EndReached);
        }
    }

    private async Task SeriesAreTheSameFiguresByStepAndPart()
    {
        GetSeriesRequest Ask(string figureId, Breakdown breakdown) => new()
        {
            FigureId = figureId, Breakdown = breakdown, Step = SeriesStep.Quarter, PeriodFrom = On(1, 1), PeriodTo = On(6, 30),
        };
        static IEnumerable<string> Values(SeriesLine line) => line.Points.Select(point => point.Value?.Numerator.ToString() ?? "-");

        var nation = await platform.AsMinistry.GetSeriesAsync(Ask("at_work", Breakdown.Nation));
        Assert.Equal(["2", "1"], Values(Assert.Single(nation.Lines)));
        Assert.Equal((On(1, 1), On(3, 31)), (nation.Lines[0].Points[0].PeriodFrom, nation.Lines[0].Points[0].PeriodTo));

        var municipalities = await platform.AsMinistry.GetSeriesAsync(Ask("at_work", Breakdown.Municipality));
        Assert.Equal([Groningen, Terschelling, Utrecht, Amsterdam, Westerwolde], municipalities.Lines.Select(line => line.Code));
        Assert.Equal(["0,0", "0,0", "1,0", "1,1", "0,0"], municipalities.Lines.Select(line => string.Join(',', Values(line))));
        Assert.Equal("Gemeente GM0363", municipalities.Lines[3].Name);

        var regions = await platform.AsMinistry.GetSeriesAsync(Ask("at_work", Breakdown.LabourMarketRegion));
        Assert.Equal(("1", "Regio", "2,1"), (regions.Lines[0].Code, regions.Lines[0].Name, string.Join(',', Values(Assert.Single(regions.Lines)))));

        var requesters = await platform.AsMinistry.GetSeriesAsync(Ask("positive_share", Breakdown.Requester));
        Assert.Equal(["CITIZEN -,-", "MUNICIPALITY 2,-"], requesters.Lines.Select(line => $"{line.Code} {string.Join(',', Values(line))}"));
    }

    private async Task PartsStandBesideTheMean()
    {
        var figure = await platform.AsMinistry.GetFigureAsync(OnDay("days_advice_to_start", On(5, 1)));

        Assert.Equal(["median 28", "p90 28", "started 2", "censored 0"], figure.Parts.Select(part => $"{part.Name} {(long)decimal.Parse(part.Value.Decimal)}"));
        Assert.Equal((56L, 2L, FigureUnit.Days), (figure.Value.Numerator, figure.Value.Denominator, figure.Value.Unit));
        Assert.Contains("30.4375", figure.Definition.DefinitionEn, StringComparison.Ordinal);
        Assert.True(figure is { Revision: > 0, Definition.DenominatorEn.Length: > 0, Definition.SourceNl.Length: > 0, RestsOnSyntheticNumbers: false });
        Assert.Equal(On(5, 1), figure.Peildatum);
    }

    private async Task AScenarioIsLabelledAndNotAFact()
    {
        var request = new ExtrapolateFigureRequest { FigureId = "positive_advices", Scenario = Scenario.RepeatQuarter, BaseQuarterFrom = On(1, 1), PeriodFrom = On(1, 1), PeriodTo = On(12, 31) };
        var scenario = await platform.AsMinistry.ExtrapolateFigureAsync(request);

        Assert.Equal((8L, 2L, 2L, 3), (scenario.Value.Numerator, scenario.Actual.Numerator, scenario.BaseQuarter.Numerator, scenario.Repeats));
        Assert.StartsWith("Scenario, not a fact", scenario.LabelEn, StringComparison.Ordinal);
        Assert.Equal("2", await platform.ValueAsync(In2018("positive_advices")));
    }

    private async Task ARestartDoublesNothing()
    {
        var before = await platform.AsMinistry.GetFigureAsync(In2018("positive_advices"));
        await platform.RestartAsync();
        await platform.BecomesAsync(In2018("positive_advices"), "2");
        var after = await platform.AsMinistry.GetFigureAsync(In2018("positive_advices"));
        // Over a broker, events of other figures may still have been on their way.
        Assert.InRange(after.Revision, before.Revision, long.MaxValue);
        after.Revision = before.Revision;
        Assert.Equal(before, after);
    }
}

/// <summary>The flow with everything in one process.</summary>
public sealed class FigureFlowTests(InsightPlatform platform) : FigureFlow(platform), IClassFixture<InsightPlatform>;

/// <summary>What Insight keeps, and what it knew when.</summary>
public sealed class FactTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    [Fact]
    public async Task A_late_fact_changes_the_figure_and_its_revision_but_not_what_was_known()
    {
        var request = In2018("advice_requests", Groningen);
        await platform.Cases(Groningen).RequestAdviceAsync(Ask(await platform.OpenedAsync(Groningen), Groningen));
        await platform.BecomesAsync(request, "1");
        var before = await platform.AsMinistry.GetFigureAsync(request);
        var instant = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow);
        await InsightPlatform.Eventually(() => Task.FromResult(DateTimeOffset.UtcNow > instant.ToDateTimeOffset().AddMilliseconds(2)), "the clock moved on");

        await platform.Cases(Groningen).RequestAdviceAsync(Ask(await platform.OpenedAsync(Groningen), Groningen));
        await platform.BecomesAsync(request, "2");

        var after = await platform.AsMinistry.GetFigureAsync(request);
        request.KnownAt = instant;
        Assert.True(after.Revision > before.Revision);
        Assert.Equal("1", await platform.ValueAsync(request));
    }

    [Fact]
    public async Task A_placement_counts_as_it_was_corrected_and_what_was_known_stays()
    {
        const string AtWork = "at_work", Filled = "filled_share_31h";
        async Task<long> MinutesAsync(Google.Type.Date day) =>
            (await platform.AsMinistry.GetFigureAsync(OnDay(Filled, day, Amsterdam))).Value.Numerator;
        CorrectPlacementEndRequest Correct(string id) => new() { Municipality = Amsterdam, RequestId = NewId(), PlacementId = id };
        AmendPlacementRequest Amend(string id, Google.Type.Date from, int minutes) =>
            new() { Municipality = Amsterdam, RequestId = NewId(), PlacementId = id, FromOn = from, MinutesPerWeek = minutes };
        var id = (await platform.PlacedAsync()).PlacementId;
        await platform.BecomesAsync(OnDay(AtWork, On(5, 1), Amsterdam), "1");

        await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = id, LastDay = On(4, 30), Reason = EndReason.Correction,
        });
        await platform.BecomesAsync(OnDay(AtWork, On(4, 1), Amsterdam), "0");
        var never = DateTimeOffset.UtcNow;
        await InsightPlatform.Eventually(() => Task.FromResult(DateTimeOffset.UtcNow > never.AddMilliseconds(2)), "the clock moved on");

        var ended = Correct(id);
        (ended.LastDay, ended.Reason) = (On(4, 30), EndReason.Regular);
        await platform.AsCompany.CorrectPlacementEndAsync(ended);
        await platform.BecomesAsync(OnDay(AtWork, On(4, 30), Amsterdam), "1");
        await platform.BecomesAsync(OnDay(AtWork, On(5, 1), Amsterdam), "0");

        var runs = Correct(id);
        runs.NeverEnded = true;
        await platform.AsCompany.CorrectPlacementEndAsync(runs);
        await platform.BecomesAsync(OnDay(AtWork, On(5, 1), Amsterdam), "1");
        var known = OnDay(AtWork, On(4, 1), Amsterdam);
        known.KnownAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(never);
        Assert.Equal("0", await platform.ValueAsync(known));

        await platform.AsCompany.AmendPlacementAsync(Amend(id, On(4, 10), 1860));
        await platform.AsCompany.AmendPlacementAsync(Amend(id, On(4, 1), 930));
        await InsightPlatform.Eventually(async () => await MinutesAsync(On(4, 1)) == 930, "the late hours count");
        foreach (var (day, minutes) in new[] { (On(3, 31), 1500), (On(4, 9), 930), (On(4, 10), 1860), (On(5, 1), 1860) })
        {
            Assert.Equal(minutes, await MinutesAsync(day));
        }
    }

    [Fact]
    public async Task No_person_reaches_the_files_of_insight()
    {
        var person = NewPerson();
        person.Name = "Kanarie van Geelgors";
        var caseId = await platform.OpenedAsync(Westerwolde, person);
        await platform.Cases(Westerwolde).RequestAdviceAsync(Ask(caseId, Westerwolde));
        await platform.BecomesAsync(In2018("advice_requests", Westerwolde), "1");

        var folder = Path.Combine(platform.Options.DataFolder, "insight");
        var files = Directory.GetFiles(folder, "platform.db*");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var content = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(person.Bsn, content, StringComparison.Ordinal);
            Assert.DoesNotContain("Kanarie", content, StringComparison.Ordinal);
        }
    }
}
