using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>The process of Municipalities is killed around the answer to CreateWebhook.</summary>
public sealed class CreationCrashTests(LonelyMunicipalities platform) : IClassFixture<LonelyMunicipalities>
{
    private const string Amsterdam = MunicipalityPlatform.Amsterdam;

    private WebhookService.WebhookServiceClient Webhooks => new(platform.Municipality(Amsterdam));

    [Fact]
    public async Task A_webhook_whose_secret_was_not_told_sends_nothing_until_the_call_is_repeated()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var witness = await Receiver.StartAsync();
        var start = await FeedEndAsync();
        var opened = new List<string> { await platform.OpenedAsync() };
        await platform.RestartServiceAsync("before-webhook-secret:2");
        await Webhooks.CreateWebhookAsync(Create(witness.Url));
        await PlatformFixture.Eventually(async () => (await ListedAsync(witness.Url)).State == WebhookState.Active, "the witness delivers");
        var request = Create(receiver.Url);
        request.After = start;
        var died = await Assert.ThrowsAsync<RpcException>(() => Webhooks.CreateWebhookAsync(request).ResponseAsync);
        Assert.True(died.StatusCode is StatusCode.Unavailable or StatusCode.Internal);
        await platform.DiedAsync();

        await platform.RestartServiceAsync(failPoint: null);
        opened.Add(await platform.OpenedAsync());
        Assert.Equal(opened[1], (await witness.NextAsync()).Event.Subject);
        var waiting = await ListedAsync(receiver.Url);
        Assert.Equal((WebhookState.NotStarted, 2), (waiting.State, waiting.EventsWaiting));
        Assert.Empty(receiver.All);

        var created = await Webhooks.CreateWebhookAsync(request);
        Assert.Equal(waiting.WebhookId, created.WebhookId);
        Assert.NotEmpty(created.Secret);
        Assert.Equal(opened, (await receiver.NextAsync(2)).Select(e => e.Subject));
    }

    [Fact]
    public async Task Killed_after_the_answer_and_before_it_is_remembered_it_waits_and_is_started_by_hand()
    {
        await using var receiver = await Receiver.StartAsync();
        await platform.RestartServiceAsync("before-webhook-start");
        var request = Create(receiver.Url);
        // It may die before the answer is read here: then the repeated call has it.
        var answer = await Record.ExceptionAsync(() => Webhooks.CreateWebhookAsync(request).ResponseAsync);
        Assert.True(answer is null or RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Internal });
        await platform.DiedAsync();

        await platform.RestartServiceAsync(failPoint: null);
        var opened = await platform.OpenedAsync();
        var waiting = await ListedAsync(receiver.Url);
        Assert.Equal((WebhookState.NotStarted, 1), (waiting.State, waiting.EventsWaiting));
        Assert.Empty(receiver.All);
        await Webhooks.ResumeWebhookAsync(new ResumeWebhookRequest
        {
            Municipality = Amsterdam, RequestId = MunicipalityPlatform.NewId(), WebhookId = waiting.WebhookId,
        });
        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
    }

    /// <summary>Where the feed ends now: other tests wrote before.</summary>
    private async Task<string> FeedEndAsync()
    {
        var (events, after) = (new EventService.EventServiceClient(platform.Municipality(Amsterdam)), "");
        while (true)
        {
            var page = await events.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = after, PageSize = 1000 });
            after = page.ResumeToken;
            if (page.EndReached) return after;
        }
    }

    private static CreateWebhookRequest Create(string url) =>
        new() { Municipality = Amsterdam, RequestId = MunicipalityPlatform.NewId(), Url = url };

    private async Task<Webhook> ListedAsync(string url) =>
        (await Webhooks.ListWebhooksAsync(new ListWebhooksRequest { Municipality = Amsterdam })).Webhooks
            .Single(webhook => webhook.Url == url);
}
