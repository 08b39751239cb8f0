using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

public sealed class BulkReportTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    private static PlacementItem Item(PlacementReport report) => new() { PlacementId = NewId(), Report = report };

    private static ReportPlacementsRequest Items(string municipality, params IEnumerable<PlacementItem> items) => new() { Municipality = municipality, Items = { items } };

    private async Task<List<PlacementAnswer>> ReportAsync(string company, params IEnumerable<ReportPlacementsRequest> requests)
    {
        using var call = platform.AsCompany(company).ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(60));
        var answers = Task.Run(async () =>
        {
            var all = new List<PlacementAnswer>();
            await foreach (var response in call.ResponseStream.ReadAllAsync()) all.AddRange(response.Answers);
            return all;
        });
        await call.RequestStream.SendAsync(requests);
        return await answers;
    }

    [Fact]
    public async Task Good_and_bad_items_are_answered_one_by_one_in_order()
    {
        var (first, second, third) = (await platform.AcceptedAsync(), await platform.AcceptedAsync(), await platform.AcceptedAsync());
        var elsewhere = await platform.AcceptedAsync(Rotterdam);
        var (before, beforeElsewhere) = (await platform.CountAsync(), await platform.CountAsync(Rotterdam));
        var broken = Report(first);
        (broken.MinutesPerWeek, broken.Workplace, broken.StartOn) = (0, "", null);
        var good = Item(Report(first));

        var answers = await ReportAsync(
            Noord,
            Items(Amsterdam, good, Item(broken), Item(Report(second))),
            Items(Amsterdam, Item(Report(new Candidate(Amsterdam, NewId(), NewId()))), Item(Report(first))),
            Items(Rotterdam, Item(Report(elsewhere))),
            Items("GM9999", Item(Report(first))),
            Items("nowhere", Item(Report(first)), new PlacementItem()),
            Items(Amsterdam, Item(Report(third)), good, new PlacementItem { PlacementId = good.PlacementId, Report = Report(second) }));

        Assert.Equal(
            [
                ErrorReason.Unspecified, ErrorReason.InvalidFields, ErrorReason.Unspecified, ErrorReason.NoAcceptedOffer, ErrorReason.HoursExceedForty,
                ErrorReason.Unspecified, ErrorReason.NoContract, ErrorReason.InvalidFields, ErrorReason.InvalidFields,
                ErrorReason.Unspecified, ErrorReason.Unspecified, ErrorReason.RequestIdReused,
            ],
            answers.Select(answer => answer.Refusal?.Reason ?? ErrorReason.Unspecified));
        Assert.All(answers, answer => Assert.Equal(answer.Refusal is null, answer.Accepted));
        Assert.Equal(["report.workplace", "report.start_on", "report.minutes_per_week"], answers[1].Refusal.Violations.Select(violation => violation.Field));
        Assert.Equal(good.PlacementId, answers[0].PlacementId);
        Assert.Equal((before + 3, beforeElsewhere + 1), (await platform.CountAsync(), await platform.CountAsync(Rotterdam)));
    }

    [Fact]
    public async Task Thousands_are_answered_in_order_and_again_without_a_second_placement()
    {
        var candidates = new List<Candidate>();
        for (var i = 0; i < 5; i++) candidates.Add(await platform.AcceptedAsync());
        var before = await platform.CountAsync();
        // One day each, so that they are renewals of one offer.
        var items = Enumerable.Range(0, 2500).Select(i => Item(Report(candidates[i % 5], Start.AddDays(i / 5), Start.AddDays(i / 5), 2400))).ToList();
        var requests = items.Chunk(130).Select(chunk => Items(Amsterdam, chunk)).ToList();

        for (var time = 0; time < 2; time++)
        {
            var answers = await ReportAsync(Noord, requests);
            Assert.Equal(items.Select(item => item.PlacementId), answers.Select(answer => answer.PlacementId));
            Assert.All(answers, answer => Assert.True(answer.Accepted, answer.Refusal?.ToString()));
        }

        Assert.Equal(before + items.Count, await platform.CountAsync());
    }

    [Fact]
    public async Task An_event_tells_at_most_a_hundred_placements()
    {
        var candidate = await platform.AcceptedAsync();
        var items = Enumerable.Range(0, 250).Select(i => Item(Report(candidate, Start.AddDays(i), Start.AddDays(i), 2400))).ToList();
        await ReportAsync(Noord, Items(Amsterdam, items));

        var told = new List<PlacementsReported>();
        await foreach (var data in OwnEventsAsync(Amsterdam)) if (data.Is(PlacementsReported.Descriptor)) told.Add(data.Unpack<PlacementsReported>());

        var ids = items.Select(item => item.PlacementId).ToHashSet();
        var mine = told.Where(reported => reported.Placements.Any(placement => ids.Contains(placement.PlacementId))).ToList();
        Assert.All(mine, reported => Assert.InRange(reported.Placements.Count, 1, 100));
        Assert.Equal(items.Select(item => item.PlacementId), mine.SelectMany(reported => reported.Placements).Select(placement => placement.PlacementId));
        Assert.All(mine, reported => Assert.Equal(Noord, reported.CompanyId));
    }

    [Fact]
    public async Task An_answer_comes_while_the_stream_stays_open()
    {
        var candidate = await platform.AcceptedAsync();
        using var call = platform.AsCompany().ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(30));
        for (var i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(Items(Amsterdam, Item(Report(candidate, Start.AddDays(i), Start.AddDays(i)))));
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.True(Assert.Single(call.ResponseStream.Current.Answers).Accepted);
        }
    }

    [Fact]
    public async Task A_request_with_too_many_items_ends_the_stream_and_none_of_them_is_looked_at()
    {
        var before = await platform.CountAsync();
        var candidate = await platform.AcceptedAsync();
        var days = Enumerable.Range(0, 1001).Select(i => Item(Report(candidate, Start.AddDays(i), Start.AddDays(i))));
        var refused = await Assert.ThrowsAsync<RpcException>(() => ReportAsync(Noord, Items(Amsterdam, days)));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidFields), (refused.StatusCode, RefusalStatus.ReasonOf(refused)));
        Assert.Equal("items", Assert.Single(refused.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations).Field);
        Assert.Equal(before, await platform.CountAsync());
    }

    [Fact]
    public async Task A_company_that_never_had_a_contract_there_is_refused_whatever_it_sends()
    {
        var candidate = await platform.AcceptedAsync(Rotterdam);
        var strange = new PlacementItem { PlacementId = "x" };
        var answers = await ReportAsync(Zuid, Items(Rotterdam, new PlacementItem(), Item(Report(candidate)), strange));
        Assert.Equal(3, answers.Count);
        Assert.All(answers, answer => Assert.Equal((ErrorReason.NoContract, 0), (answer.Refusal.Reason, answer.Refusal.Violations.Count)));
    }

    private async IAsyncEnumerable<Google.Protobuf.WellKnownTypes.Any> OwnEventsAsync(string municipality)
    {
        var events = new EventService.EventServiceClient(platform.Service());
        for (var after = 0L; ;)
        {
            var page = await events.ReadEventsAsync(new ReadEventsRequest { Municipality = municipality, Service = "swcompanies", OwnOnly = true, AfterSequence = after });
            foreach (var logged in page.Events) yield return logged.Data;
            if (page.EndReached) yield break;
            after = page.Events[^1].Sequence;
        }
    }
}
