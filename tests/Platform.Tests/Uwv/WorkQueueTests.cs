using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;

namespace BeschutWerk.Platform.Tests.Uwv;

public sealed class WorkQueueTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    [Fact]
    public async Task The_queue_is_by_due_date_page_by_page_without_gaps_or_doubles()
    {
        var expected = new List<(DateOnly Due, string Id)>();
        for (var i = 0; i < 12; i++)
        {
            var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson(), i % 2 == 0 ? UwvPlatform.Amsterdam : UwvPlatform.Utrecht);
            request.ReceivedOn = new DateOnly(2016, 3, 1).AddDays(-(i / 3)).ToDate(); // three share each day
            var answer = await platform.AsService.RequestAdviceAsync(request);
            expected.Add((answer.DueOn.ToDateOnly(), answer.AdviceRequestId));
        }
        var byDue = expected.OrderBy(request => request.Due).ThenBy(request => request.Id, StringComparer.Ordinal).Select(request => request.Id).ToList();
        var before = new DateOnly(2016, 12, 31);

        await PlatformFixture.Eventually(async () => (await PagesAsync(platform.AsUwv, "", before, 500)).Count == 12, "the country's queue follows");

        Assert.Equal(byDue, await PagesAsync(platform.AsUwv, "", before, 5));
        var amsterdam = expected.Where((_, i) => i % 2 == 0).Select(request => request.Id).ToHashSet();
        Assert.Equal(byDue.Where(amsterdam.Contains), await PagesAsync(platform.AsUwv, UwvPlatform.Amsterdam, before, 1));
        Assert.Equal(byDue.Where(amsterdam.Contains), await PagesAsync(platform.AsMunicipality(), UwvPlatform.Amsterdam, before, 4));
    }

    [Fact]
    public async Task The_countrys_queue_follows_every_step()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        await FollowsAsync(id, AdviceState.Requested, 1);
        await platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(id));
        await FollowsAsync(id, AdviceState.Assessed, 2);
        await platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id));
        await FollowsAsync(id, AdviceState.Issued, 3);

        var withdrawn = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        await platform.AsMunicipality().WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(withdrawn));
        await FollowsAsync(withdrawn, AdviceState.Withdrawn, 2);
    }

    [Fact]
    public async Task Filters_narrow_the_queue()
    {
        var citizen = platform.NewCitizen();
        var request = UwvPlatform.FromCitizen(UwvPlatform.NewPerson());
        request.ReceivedOn = new DateOnly(2017, 1, 2).ToDate();
        var own = await platform.RequestedAsync(request, citizen);

        var list = new ListAdviceRequestsRequest
        {
            Municipality = UwvPlatform.Amsterdam, Requester = Requester.Citizen, DueBefore = new DateOnly(2017, 2, 28).ToDate(),
        };
        Assert.Equal(own, Assert.Single((await platform.AsUwv.ListAdviceRequestsAsync(list)).AdviceRequests).AdviceRequestId);
        list.DueBefore = new DateOnly(2017, 2, 27).ToDate();
        Assert.Empty((await platform.AsUwv.ListAdviceRequestsAsync(list)).AdviceRequests);
    }

    [Fact]
    public async Task Only_UWV_lists_the_country()
    {
        foreach (var client in new[] { platform.AsMunicipality(), platform.AsCitizen(platform.NewCitizen()) })
        {
            var refused = await UwvPlatform.RefusedAsync(client.ListAdviceRequestsAsync(new()));
            Assert.Equal(ErrorReason.InvalidFields, refused.Reason);
            Assert.Equal(["municipality"], refused.Fields);
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("_____wAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_token_of_somewhere_else_is_refused(string token)
    {
        var refused = await UwvPlatform.RefusedAsync(platform.AsUwv.ListAdviceRequestsAsync(new() { PageToken = token + "AAAA" }));
        Assert.Equal(["page_token"], refused.Fields);
    }

    private Task FollowsAsync(string id, AdviceState state, long version) => PlatformFixture.Eventually(
        async () => (await platform.AsUwv.ListAdviceRequestsAsync(new() { State = state, PageSize = 500 })).AdviceRequests
            .Any(request => request.AdviceRequestId == id && request.Version == version),
        $"the country's queue shows {state}");

    private static async Task<List<string>> PagesAsync(AdviceService.AdviceServiceClient client, string municipality, DateOnly dueBefore, int size)
    {
        var ids = new List<string>();
        var list = new ListAdviceRequestsRequest { Municipality = municipality, DueBefore = dueBefore.ToDate(), PageSize = size };
        do
        {
            var page = await client.ListAdviceRequestsAsync(list);
            ids.AddRange(page.AdviceRequests.Select(request => request.AdviceRequestId));
            list.PageToken = page.NextPageToken;
        }
        while (list.PageToken.Length > 0);
        return ids;
    }
}
