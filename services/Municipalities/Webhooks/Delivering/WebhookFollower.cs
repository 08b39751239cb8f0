using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>
/// Takes one webhook along the log: asks the store what is to be done, does it, remembers what came of it. One event at a
/// time, so that order holds and nothing is buffered; dying in between delivers that one event again.
/// </summary>
sealed class WebhookFollower(
    Guid webhookId, TenantId tenant, ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime, WebhookSender sender, Lanes lanes, ILogger log)
{
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a client has, from the start of the process on, to ask again for a secret that it may have missed. If it does
    /// not, the process died after the answer and before that was remembered: the client has the secret and waits for events.
    /// </summary>
    private static readonly TimeSpan TimeToAskAgain = TimeSpan.FromHours(1);

    /// <summary>The answer and the first request take different ways through the network; so much ahead is the answer.</summary>
    private static readonly TimeSpan AnswerTravels = TimeSpan.FromMilliseconds(250);

    private static readonly Caller Self = Caller.OfService("municipalities");

    private readonly StoreHandle<MunicipalityStore> _store = runtime.TenantStores.Get(tenant);
    private TaskCompletionSource _woken = NewSignal();
    private readonly DateTimeOffset _startsAt = runtime.Clock.GetUtcNow() + TimeToAskAgain;
    private bool _slow;
    private volatile bool _told;

    /// <summary>The municipality whose feed it sends.</summary>
    public TenantId Tenant => tenant;

    /// <summary>Where it stands.</summary>
    public WebhookStanding Standing { get; private set; }

    /// <summary>Looks again at what is to be done: something else than the log changed.</summary>
    public void Wake() => Interlocked.Exchange(ref _woken, NewSignal()).TrySetResult();

    /// <summary>The answer with its secret left this process: it may start.</summary>
    public void Told()
    {
        _told = true;
        Wake();
    }

    /// <summary>Runs until the webhook is deleted.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            // Asked for before reading: what changes in between completes them.
            var (changed, woken) = (_store.Changed, Volatile.Read(ref _woken).Task);
            if (runtime.Tenants.Find(tenant) != TenantStanding.Active)
            {
                await woken.WaitAsync(stop);
                continue;
            }

            switch (await InsistAsync(() => Task.FromResult(_store.Read(Self, session => NextStep.Of(webhookId, runtime.Clock.GetUtcNow(), session))), stop))
            {
                case NextStep.Deleted:
                    return;
                case NextStep.NotStarted:
                    await StartAsync(woken, stop);
                    break;
                case NextStep.Paused paused:
                    Standing = paused.Reason == PauseReason.Requested ? WebhookStanding.Well : WebhookStanding.Failed;
                    await woken.WaitAsync(stop);
                    break;
                case NextStep.WaitUntil wait:
                    Standing = WebhookStanding.Retrying;
                    await WaitAsync(woken, wait.DueAt - runtime.Clock.GetUtcNow(), stop);
                    break;
                case NextStep.CaughtUp:
                    Standing = WebhookStanding.Well;
                    await Task.WhenAny(changed, woken).WaitAsync(stop);
                    break;
                case NextStep.Pass pass:
                    await RememberAsync(session => RecordAttempt.Pass(webhookId, pass, session), stop);
                    break;
                case NextStep.Deliver deliver:
                    await DeliverAsync(deliver, stop);
                    break;
            }
        }
    }

    private async Task StartAsync(Task woken, CancellationToken stop)
    {
        Standing = WebhookStanding.Well;
        var left = _startsAt - runtime.Clock.GetUtcNow();
        if (!_told && left > TimeSpan.Zero)
        {
            await WaitAsync(woken, left, stop);
            return;
        }

        FailPoints.Hit("before-webhook-start");
        await RememberAsync(session => RecordAttempt.Start(webhookId, session), stop);
        if (_told)
        {
            await Task.Delay(AnswerTravels, runtime.Clock, stop);
            return;
        }

        log.LogWarning(
            "Webhook {Webhook} of {Municipality} starts, for nobody asked for its secret again within {Time}",
            webhookId, tenant, TimeToAskAgain);
    }

    private async Task DeliverAsync(NextStep.Deliver deliver, CancellationToken stop)
    {
        (var attempt, _slow) = await lanes.RunAsync(_slow || deliver.Again, () => sender.SendAsync(webhookId, deliver.Logged.Event, deliver.Target, stop), stop);
        FailPoints.Hit("after-webhook-answer");
        var paused = await RememberAsync(session => RecordAttempt.Run(webhookId, deliver, attempt, session), stop);
        if (paused != PauseReason.Unspecified)
        {
            log.LogWarning("Webhook {Webhook} of {Municipality} to {Host} is paused: {Reason} after {Failure}", webhookId, tenant, new Uri(deliver.Target.Url).IdnHost, paused, attempt.Failure);
        }
    }

    /// <summary>Sent again without remembering, an event would be sent for ever: this waits until the store takes it.</summary>
    private Task<T> RememberAsync<T>(Func<WriteSession<MunicipalityStore>, T> write, CancellationToken stop) =>
        InsistAsync(() => _store.WriteAsync(WriteInfo.Capture(Self), write), stop);

    private async Task<T> InsistAsync<T>(Func<Task<T>> work, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                return await work();
            }
            catch (Exception error)
            {
                // The disk is full, or the store is being restored or out of service.
                log.LogWarning("Webhook {Webhook} of {Municipality} waits for its store: {Error}", webhookId, tenant, error.Message);
            }

            await Task.Delay(RestAfterFailure, runtime.Clock, stop);
        }
    }

    private async Task WaitAsync(Task woken, TimeSpan time, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(woken, Task.Delay(time > TimeSpan.Zero ? time : TimeSpan.Zero, runtime.Clock, ended.Token));
        await ended.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
