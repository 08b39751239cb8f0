using System.Collections.Concurrent;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>
/// Delivers to all webhooks of this process: one follower for each, found at start without any call coming in. Every hour it
/// looks for those that a restore brought back, and forgets old deliveries.
/// </summary>
public sealed class WebhookDeliveries(
    ServiceRuntime<MunicipalityStore, MunicipalitiesStore> runtime, WebhookSettings settings, Gauges gauges, ILogger<WebhookDeliveries> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookAfterFailure = TimeSpan.FromMinutes(1);
    private static readonly Caller Self = Caller.OfService("municipalities");

    private readonly ConcurrentDictionary<Guid, Lazy<Running>> _running = new();
    private readonly WebhookSender _sender = new(settings, runtime.Clock);
    private readonly Lanes _lanes = new();
    private readonly CancellationTokenSource _stopping = new();

    private sealed record Running(WebhookFollower Follower, Task Task);

    private IEnumerable<WebhookFollower> Followers => _running.Values.Select(running => running.Value.Follower);

    /// <summary>Looks again at what is to be done for a webhook, which may be new.</summary>
    internal void Wake(TenantId tenant, Guid webhookId) => FollowerOf(tenant, webhookId).Wake();

    /// <summary>The answer with a webhook's secret left this process.</summary>
    internal void Told(TenantId tenant, Guid webhookId) => FollowerOf(tenant, webhookId).Told();

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values.Select(running => running.Value.Task));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _sender.Dispose();
        _lanes.Dispose();
        _stopping.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WebhookInstruments.Observe(gauges, standing => Followers.Count(follower => follower.Standing == standing));
        runtime.Tenants.Changed += WakeAll;
        // Nobody waits for it at start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var found = await LookAsync("platform", NotedAsync);
            var done = found is not null;
            foreach (var tenant in found ?? []) done &= await LookAsync(tenant.Code, () => LookThroughAsync(tenant));
            await Task.Delay(done ? LookEvery : LookAfterFailure, runtime.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        runtime.Tenants.Changed -= WakeAll;
    }

    private async Task<List<TenantId>> NotedAsync()
    {
        var noted = runtime.PlatformStore.Read(Self, WebhookMunicipality.All);
        // The platform store was restored from before their first webhook.
        foreach (var tenant in Followers.Select(follower => follower.Tenant).Distinct().Except(noted).ToList())
        {
            await runtime.PlatformStore.WriteAsync(WriteInfo.Capture(Self), session => WebhookMunicipality.Note(tenant.Code, session));
        }

        return noted;
    }

    private async Task<bool> LookThroughAsync(TenantId tenant)
    {
        var store = runtime.TenantStores.Get(tenant);
        foreach (var webhook in store.Read(Self, session => session.Store.Webhooks.Select(row => row.WebhookId).ToList())) Wake(tenant, webhook);
        while (!_stopping.IsCancellationRequested)
        {
            var gone = await store.WriteAsync(WriteInfo.Capture(Self), session => PurgeDeliveries.Run(runtime.Clock.GetUtcNow(), session));
            if (gone < PurgeDeliveries.Step) break;
        }

        return true;
    }

    /// <summary>One store that is out of service keeps no other from being looked at.</summary>
    private async Task<T?> LookAsync<T>(string origin, Func<Task<T>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception error)
        {
            log.LogWarning("The webhooks of {Origin} could not be looked at: {Error}; again in {Rest}", origin, error.Message, LookAfterFailure);
            return default;
        }
    }

    private void WakeAll(TenantId tenant)
    {
        foreach (var follower in Followers.Where(follower => follower.Tenant == tenant)) follower.Wake();
    }

    private WebhookFollower FollowerOf(TenantId tenant, Guid webhookId) =>
        _running.GetOrAdd(webhookId, _ => new Lazy<Running>(() => Run(tenant, webhookId))).Value.Follower;

    private Running Run(TenantId tenant, Guid webhookId)
    {
        var follower = new WebhookFollower(webhookId, tenant, runtime, _sender, _lanes, log);
        return new Running(follower, Task.Run(async () =>
        {
            try
            {
                await follower.RunAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The next start goes on.
            }
            catch (Exception error)
            {
                log.LogError("Webhook {Webhook} of {Municipality} came to a stop; it is started again within {Rest}: {Fault}", webhookId, tenant, LookEvery, FaultText.Of(error));
            }

            _running.TryRemove(webhookId, out _);
        }));
    }
}

/// <summary>How use cases tell that something changed.</summary>
static class Waking
{
    /// <summary>Once it is durable.</summary>
    public static void WakeAfterCommit(this WriteSession<MunicipalityStore> session, WebhookDeliveries deliveries, Guid webhookId)
    {
        var tenant = session.Tenant;
        session.AfterCommit(() => deliveries.Wake(tenant, webhookId));
    }
}
