using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>What arrives at a receiver: every event of the feed, in order, signed, from where the webhook starts.</summary>
public sealed class DeliveryTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    [Fact]
    public async Task Own_and_received_events_arrive_in_the_order_of_the_feed_with_the_body_of_everywhere_and_a_signature()
    {
        await platform.OpenedAsync();
        await using var receiver = await Receiver.StartAsync();
        await using var hook = await platform.HookAsync(receiver.Url);
        var before = (await platform.FeedAsync()).ResumeToken;

        await platform.AdvisedAsync();
        List<CloudEvent> raised = [];
        await PlatformFixture.Eventually(async () => (raised = [.. (await platform.FeedAsync(before)).Events]).Count(e => e.Type.EndsWith("advice-issued.v1", StringComparison.Ordinal)) == 1, "the advice arrives");
        Assert.Equal(["municipalities", "uwv"], raised.Select(e => e.Source.Split("beschutwerk-")[1].Split(':')[0]).Distinct().Order());

        foreach (var expected in raised)
        {
            var request = await receiver.NextAsync();
            Assert.Equal("POST /haak", request.Target);
            Assert.Equal(CloudEventJson.Write(expected), request.Body);
            Assert.Equal("application/cloudevents+json", request.Headers["Content-Type"]);
            Assert.Equal(hook.Id, request.Headers["Beschutwerk-Webhook"]);
            var timestamp = request.Headers["Beschutwerk-Timestamp"];
            Assert.InRange(platform.Clock.GetUtcNow().ToUnixTimeSeconds() - long.Parse(timestamp), 0, 60);
            byte[] told = [.. Encoding.UTF8.GetBytes(timestamp + "."), .. request.Body];
            var right = HMACSHA256.HashData(Encoding.UTF8.GetBytes(hook.Secret), told);
            Assert.Equal("v1=" + Convert.ToHexStringLower(right), request.Headers["Beschutwerk-Signature"]);
        }

        var seen = await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "all are delivered");
        Assert.Equal((await platform.FeedAsync(before)).ResumeToken, seen.ResumeToken);
        Assert.Null(seen.Failing);
        var deliveries = await hook.DeliveriesAsync();
        Assert.Equal(raised.Select(e => (e.Id, e.Type, 1, 204)).Reverse(), deliveries.Select(d => (d.EventId, d.Type, d.Attempts, d.HttpStatus)));
        Assert.All(deliveries, d => Assert.Equal((d.LastAttemptAt, d.FirstAttemptAt), (d.DeliveredAt, d.LastAttemptAt)));
    }

    [Fact]
    public async Task A_webhook_starts_where_it_was_told_and_has_only_what_it_wants()
    {
        await platform.OpenedAsync(Westerwolde);
        var (caseId, _) = await platform.AdvisedAsync(Westerwolde);
        await platform.BecomesAsync(caseId, CaseState.AdvisedPositive, Westerwolde);
        var all = (await platform.FeedAsync(code: Westerwolde)).Events;
        var third = (await new EventService.EventServiceClient(platform.Municipality(Westerwolde)).ReadEventsAsync(new ReadEventsRequest { Municipality = Westerwolde, PageSize = 3 })).ResumeToken;

        await using var receiver = await Receiver.StartAsync();
        await using (await platform.HookAsync(receiver.Url, Westerwolde, request => request.FromBeginning = true)) Assert.Equal(all, await receiver.NextAsync(all.Count));
        await using (await platform.HookAsync(receiver.Url, Westerwolde, request => request.After = third)) Assert.Equal(all.Skip(3), await receiver.NextAsync(all.Count - 3));

        var opened = all[0].Type;
        // Written by name, by its CloudEvent type or both, it is one type.
        await using var some = await platform.HookAsync(receiver.Url, Westerwolde, request => request.Types_.Add(["case-opened", opened]));
        Assert.Equal([opened], (await some.SeenAsync()).Types_);
        // From now on: the two that are there already are not sent.
        var later = await platform.OpenedAsync(Westerwolde);
        Assert.Equal(later, (await receiver.NextAsync()).Event.Subject);
        await some.BecomesAsync(webhook => webhook.EventsWaiting == 0, "nothing is left of that type");

        await using var both = await platform.HookAsync(receiver.Url, Westerwolde, request =>
        {
            request.FromBeginning = true;
            request.Types_.Add(opened);
        });
        Assert.Equal((await platform.FeedAsync(code: Westerwolde)).Events.Where(e => e.Type == opened).Select(e => e.Id), (await receiver.NextAsync(3)).Select(e => e.Id));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_delays_nobody_else()
    {
        var answer = new TaskCompletionSource();
        await using var slow = await Receiver.StartAsync();
        slow.Answer = _ => answer.Task;
        await using var quick = await Receiver.StartAsync();
        await using var first = await platform.HookAsync(slow.Url, Groningen);
        await using var second = await platform.HookAsync(quick.Url, Groningen);

        var cases = new List<string>();
        for (var i = 0; i < 5; i++) cases.Add(await platform.OpenedAsync(Groningen));
        Assert.Equal(cases, (await quick.NextAsync(5)).Select(e => e.Subject));
        Assert.Single(slow.All);
        answer.SetResult();
        Assert.Equal(cases, (await slow.NextAsync(5)).Select(e => e.Subject));
    }

    [Fact]
    public async Task Paused_it_sends_nothing_and_loses_nothing()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var hook = await platform.HookAsync(receiver.Url);
        var first = await platform.OpenedAsync();
        Assert.Equal(first, (await receiver.NextAsync()).Event.Subject);
        await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "it is delivered");

        await hook.PauseAsync();
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.Webhooks().PauseWebhookAsync(new PauseWebhookRequest { Municipality = Amsterdam, RequestId = NewId(), WebhookId = hook.Id }))).Reason);
        var meanwhile = new[] { await platform.OpenedAsync(), await platform.OpenedAsync() };
        var paused = await hook.SeenAsync();
        Assert.Equal((WebhookState.Paused, PauseReason.Requested, 2), (paused.State, paused.PauseReason, paused.EventsWaiting));
        Assert.NotNull(paused.PausedAt);
        Assert.Single(receiver.All);

        await hook.ResumeAsync();
        Assert.Equal(meanwhile, (await receiver.NextAsync(2)).Select(e => e.Subject));
        Assert.Equal((WebhookState.Active, PauseReason.Unspecified), ((await hook.SeenAsync()).State, (await hook.SeenAsync()).PauseReason));
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(platform.Webhooks().ResumeWebhookAsync(new ResumeWebhookRequest { Municipality = Amsterdam, RequestId = NewId(), WebhookId = hook.Id }))).Reason);
    }

    [Fact]
    public async Task A_suspended_municipality_gets_its_events_when_it_is_resumed()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        (receiver.Answer, other.Answer) = (Receiver.Status(503), Receiver.Status(503));
        await using var hook = await platform.HookAsync(receiver.Url);
        await using var otherHook = await platform.HookAsync(other.Url, Utrecht);
        var opened = await platform.OpenedAsync();
        await platform.OpenedAsync(Utrecht);
        await hook.BecomesAsync(webhook => webhook.Failing is not null, "it waits for its next attempt");
        await otherHook.BecomesAsync(webhook => webhook.Failing is not null, "the other waits too");

        await platform.Tenants.SuspendTenantAsync(new SuspendTenantRequest { Municipality = Amsterdam, RequestId = NewId(), Reason = "test", SuspendedOn = On(6, 16) });
        platform.Clock.Jump(TimeSpan.FromSeconds(6));
        await otherHook.BecomesAsync(webhook => webhook.Failing.Attempts == 2, "the other was tried again");
        Assert.Single(receiver.All);

        await platform.Tenants.ResumeTenantAsync(new ResumeTenantRequest { Municipality = Amsterdam, RequestId = NewId(), ResumedOn = On(6, 16) });
        Assert.Equal([opened, opened], (await receiver.NextAsync(2)).Select(e => e.Subject));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_before_anybody_calls()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.Status(503);
        await using var hook = await platform.HookAsync(receiver.Url);
        var opened = await platform.OpenedAsync();
        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
        await hook.BecomesAsync(webhook => webhook.Failing is not null, "it failed");

        receiver.Answer = Receiver.Status(200);
        await platform.RestartAsync();
        platform.Clock.Jump(TimeSpan.FromSeconds(6));
        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
        await hook.BecomesAsync(webhook => webhook.Failing is null, "it is delivered");
        Assert.Equal(2, (await hook.DeliveriesAsync())[0].Attempts);
    }
}
