using System.Diagnostics.Metrics;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Webhooks;

/// <summary>Receivers that fail: tried again by the schedule, paused when it ends, retried by hand, and nothing lost.</summary>
public sealed class FailureTests(WebhookPlatform platform) : IClassFixture<WebhookPlatform>
{
    [Fact]
    public async Task An_event_is_tried_for_a_day_then_the_webhook_is_paused_and_resumed_it_goes_on_in_order()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.Status(503);
        await using var hook = await platform.HookAsync(receiver.Url);
        var (first, second) = (await platform.OpenedAsync(), await platform.OpenedAsync());

        for (var attempt = 1; attempt <= RetrySchedule.Elapsed.Count; attempt++)
        {
            var failing = (await hook.BecomesAsync(webhook => webhook.Failing?.Attempts == attempt, $"attempt {attempt}")).Failing;
            Assert.Equal((DeliveryFailure.Status, 503), (failing.Failure, failing.HttpStatus));
            await Fixtures.PlatformFixture.Eventually(() => Task.FromResult(Gauge("beschutwerk.webhooks.retrying") > 0), "operators see that it fails");
            var before = attempt == 1 ? TimeSpan.Zero : RetrySchedule.Elapsed[attempt - 2];
            Assert.Equal(RetrySchedule.Elapsed[attempt - 1] - before, (failing.NextAttemptAt - failing.LastAttemptAt).ToTimeSpan());
            platform.Clock.Jump(failing.NextAttemptAt.ToDateTimeOffset() - platform.Clock.GetUtcNow());
        }

        var paused = await hook.BecomesAsync(webhook => webhook.State == WebhookState.Paused, "the schedule ended");
        Assert.Equal((PauseReason.Undeliverable, 13, null, 2), (paused.PauseReason, paused.Failing.Attempts, paused.Failing.NextAttemptAt, paused.EventsWaiting));
        Assert.Equal(Enumerable.Repeat(first, 13), receiver.All.Select(request => request.Event.Subject));
        Assert.Contains(platform.Logged, line => line.Contains($"Webhook {hook.Id} of {Amsterdam} to 127.0.0.1 is paused: Undeliverable after Status", StringComparison.Ordinal));
        await Fixtures.PlatformFixture.Eventually(() => Task.FromResult(Gauge("beschutwerk.webhooks.paused") == 1), "operators see it");

        receiver.Answer = Receiver.Status(200);
        await hook.ResumeAsync();
        await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "all is delivered");
        Assert.Equal([first, second], receiver.All.Skip(13).Select(request => request.Event.Subject));
        Assert.Equal([1, 14], (await hook.DeliveriesAsync()).Select(delivery => delivery.Attempts));
        Assert.Equal(0, Gauge("beschutwerk.webhooks.paused"));

        // Each attempt is signed anew: a receiver that refuses old timestamps takes the last one too.
        var times = receiver.All.Take(13).Select(request => long.Parse(request.Headers["Beschutwerk-Timestamp"])).ToList();
        Assert.Equal(times.Order().Distinct(), times);

        // Old deliveries are forgotten.
        platform.Clock.Jump(TimeSpan.FromDays(31));
        await Fixtures.PlatformFixture.Eventually(async () => (await hook.DeliveriesAsync()).Count == 0, "the ledger is purged");
    }

    [Fact]
    public async Task Gone_pauses_at_once_and_by_hand_one_delivery_goes_out()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.Status(410);
        await using var hook = await platform.HookAsync(receiver.Url, Utrecht);
        var opened = await OpenedAsync();
        var gone = await hook.BecomesAsync(webhook => webhook.State == WebhookState.Paused, "it is paused");
        Assert.Equal((PauseReason.Gone, DeliveryFailure.Gone, 410, 1), (gone.PauseReason, gone.Failing.Failure, gone.Failing.HttpStatus, gone.Failing.Attempts));

        // Still gone: tried once, and it stays paused.
        await hook.RetryAsync(gone.Failing.DeliveryId);
        await hook.BecomesAsync(webhook => webhook.Failing.Attempts == 2, "it was tried");
        Assert.Equal(PauseReason.Gone, (await hook.SeenAsync()).PauseReason);

        receiver.Answer = Receiver.Status(200);
        await hook.RetryAsync(gone.Failing.DeliveryId);
        var delivered = await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "it is delivered");
        Assert.Equal((WebhookState.Paused, null), (delivered.State, delivered.Failing));
        await OpenedAsync();
        Assert.Equal(1, (await hook.BecomesAsync(webhook => webhook.EventsWaiting == 1, "the next waits")).EventsWaiting);
        await hook.ResumeAsync();
        await hook.BecomesAsync(webhook => webhook.EventsWaiting == 0, "it goes on");

        // Delivered once more, and what follows is not held up by it.
        receiver.Answer = Receiver.Status(500);
        await hook.RetryAsync(gone.Failing.DeliveryId);
        await Fixtures.PlatformFixture.Eventually(async () => (await hook.DeliveriesAsync())[^1] is { Attempts: 4, HttpStatus: 500, DeliveredAt: not null, NextAttemptAt: null }, "it was tried once more");
        Assert.Equal((WebhookState.Active, null), ((await hook.SeenAsync()).State, (await hook.SeenAsync()).Failing));
        Assert.Equal(4, receiver.All.Count(request => request.Event.Subject == opened));
    }

    [Fact]
    public async Task A_retry_by_hand_gives_the_whole_schedule_again()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.Status(500);
        await using var hook = await platform.HookAsync(receiver.Url, Groningen);
        await OpenedAsync(Groningen);
        var first = (await hook.BecomesAsync(webhook => webhook.Failing is not null, "it failed")).Failing;
        platform.Clock.Jump(TimeSpan.FromSeconds(6));
        var second = (await hook.BecomesAsync(webhook => webhook.Failing.Attempts == 2, "it failed again")).Failing;
        Assert.Equal(25, (second.NextAttemptAt - second.LastAttemptAt).ToTimeSpan().TotalSeconds);
        await hook.RetryAsync(first.DeliveryId);
        var third = (await hook.BecomesAsync(webhook => webhook.Failing.Attempts == 3, "it was tried by hand")).Failing;
        Assert.Equal(5, (third.NextAttemptAt - third.LastAttemptAt).ToTimeSpan().TotalSeconds);

        var unknown = new RetryDeliveryRequest { Municipality = Groningen, RequestId = NewId(), WebhookId = hook.Id, DeliveryId = first.DeliveryId + 1000 };
        Assert.Equal(StatusCode.NotFound, (await RefusedAsync(platform.WebhooksNow(Groningen).RetryDeliveryAsync(unknown))).Code);
    }

    private async Task<string> OpenedAsync(string code = Utrecht)
    {
        // With a token that is valid after the clock was put forward.
        var answer = await new CaseService.CaseServiceClient(platform.Now(code)).OpenCaseAsync(Open(code));
        return answer.CaseId;
    }

    private static long Gauge(string name)
    {
        long value = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == Instruments.Name && instrument.Name == name) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => value += measured);
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }
}
