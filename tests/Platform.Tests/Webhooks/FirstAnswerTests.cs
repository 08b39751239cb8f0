using System.Collections.Concurrent;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>Nothing is sent before CreateWebhook has told the secret, and nothing is lost by that.</summary>
public sealed class FirstAnswerTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    [Fact]
    public async Task The_first_request_comes_after_the_answer_with_everything_since_the_call()
    {
        var order = new ConcurrentQueue<string>();
        var opened = new List<string> { await platform.OpenedAsync(Utrecht) };
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Noting(order, "request");
        await using var witness = await Receiver.StartAsync();
        await using var already = await platform.HookAsync(witness.Url, Utrecht);
        await already.BecomesAsync(webhook => webhook.State == WebhookState.Active, "the witness delivers");

        var answer = new TaskCompletionSource();
        platform.BeforeCreated = _ => answer.Task;
        var request = Create(receiver.Url, Utrecht);
        request.FromBeginning = true;
        var creating = CreatedAsync(request);
        await platform.EventuallyListed(
            Utrecht, receiver.Url, webhook => webhook is { State: WebhookState.NotStarted, EventsWaiting: > 0 });
        opened.Add(await platform.OpenedAsync(Utrecht));
        Assert.Equal(opened[1], (await witness.NextAsync()).Event.Subject);
        Assert.Empty(receiver.All);

        answer.SetResult();
        var created = await creating;
        var first = await receiver.NextAsync();
        Assert.Equal("answer", order.First());
        var sentAt = long.Parse(first.Headers[WebhookSignature.TimestampHeader]);
        Assert.Equal(WebhookSignature.Sign(created.Secret, sentAt, first.Body), first.Headers[WebhookSignature.SignatureHeader]);
        Assert.Equal(opened, [first.Event.Subject, (await receiver.NextAsync()).Event.Subject]);

        async Task<CreateWebhookResponse> CreatedAsync(CreateWebhookRequest request)
        {
            var created = await platform.Webhooks(Utrecht).CreateWebhookAsync(request);
            order.Enqueue("answer");
            return created;
        }
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_asked_for_again_and_only_then_it_starts()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var witness = await Receiver.StartAsync();
        await using var already = await platform.HookAsync(witness.Url, Groningen);
        var request = Create(receiver.Url, Groningen);

        platform.BeforeCreated = _ => throw new RpcException(new Status(StatusCode.Internal, "lost on the way"));
        var lost = await Assert.ThrowsAsync<RpcException>(() => platform.Webhooks(Groningen).CreateWebhookAsync(request).ResponseAsync);
        Assert.Equal(StatusCode.Internal, lost.StatusCode);
        var opened = await platform.OpenedAsync(Groningen);
        Assert.Equal(opened, (await witness.NextAsync()).Event.Subject);
        var webhook = await platform.EventuallyListed(Groningen, receiver.Url, webhook => webhook.EventsWaiting == 1);
        Assert.Equal(WebhookState.NotStarted, webhook.State);
        Assert.Empty(receiver.All);

        platform.BeforeCreated = _ => Task.CompletedTask;
        var created = await platform.Webhooks(Groningen).CreateWebhookAsync(request);
        Assert.Equal(webhook.WebhookId, created.WebhookId);
        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
        await platform.EventuallyListed(Groningen, receiver.Url, webhook => webhook is { State: WebhookState.Active, EventsWaiting: 0 });
        // Repeated once more it tells the same, and sends nothing twice.
        Assert.Equal(created, await platform.Webhooks(Groningen).CreateWebhookAsync(request));
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task A_caller_who_left_before_the_answer_was_not_told_and_nothing_waits_for_ever()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var witness = await Receiver.StartAsync();
        await using var already = await platform.HookAsync(witness.Url, Westerwolde);
        using var leaving = new CancellationTokenSource();
        var (reached, abandoned) = (new TaskCompletionSource(), new TaskCompletionSource());
        platform.BeforeCreated = async context =>
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            abandoned.SetResult();
        };
        var request = Create(receiver.Url, Westerwolde);
        var call = platform.Webhooks(Westerwolde).CreateWebhookAsync(request, cancellationToken: leaving.Token);
        await reached.Task;
        await leaving.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        await abandoned.Task;
        platform.BeforeCreated = _ => Task.CompletedTask;
        var opened = await platform.OpenedAsync(Westerwolde);
        Assert.Equal(opened, (await witness.NextAsync()).Event.Subject);
        await platform.EventuallyListed(
            Westerwolde, receiver.Url, webhook => webhook is { State: WebhookState.NotStarted, EventsWaiting: 1 });
        Assert.Empty(receiver.All);

        platform.Clock.Jump(TimeSpan.FromMinutes(61));
        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
    }

    [Fact]
    public async Task It_can_be_started_by_hand_or_paused_before_it_starts()
    {
        await using var receiver = await Receiver.StartAsync();
        platform.BeforeCreated = _ => throw new RpcException(new Status(StatusCode.Internal, "lost on the way"));
        var request = Create(receiver.Url, Amsterdam);
        await Assert.ThrowsAsync<RpcException>(() => platform.WebhooksNow().CreateWebhookAsync(request).ResponseAsync);
        platform.BeforeCreated = _ => Task.CompletedTask;
        var id = (await platform.EventuallyListed(Amsterdam, receiver.Url, _ => true)).WebhookId;

        var pause = new PauseWebhookRequest { Municipality = Amsterdam, RequestId = NewId(), WebhookId = id };
        await platform.WebhooksNow().PauseWebhookAsync(pause);
        // Told now, it stays paused.
        Assert.Equal(id, (await platform.WebhooksNow().CreateWebhookAsync(request)).WebhookId);
        var opened = await platform.OpenedAsync();
        var paused = await platform.EventuallyListed(Amsterdam, receiver.Url, webhook => webhook.EventsWaiting == 1);
        Assert.Equal(WebhookState.Paused, paused.State);
        var resume = new ResumeWebhookRequest { Municipality = Amsterdam, RequestId = NewId(), WebhookId = id };
        Assert.Equal(WebhookState.Active, (await platform.WebhooksNow().ResumeWebhookAsync(resume)).State);
        Assert.Equal(opened, (await receiver.NextAsync()).Event.Subject);
    }

    private static CreateWebhookRequest Create(string url, string code) => new() { Municipality = code, RequestId = NewId(), Url = url };

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Noting(ConcurrentQueue<string> order, string what) => context =>
    {
        order.Enqueue(what);
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    };
}
