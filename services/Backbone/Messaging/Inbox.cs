using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>What a service follows with one kind of its stores, without the types of those stores.</summary>
internal abstract class Inbox
{
    /// <summary>Services whose events are followed.</summary>
    public abstract IEnumerable<string> Followed { get; }

    /// <summary>The same, and whether their platform stores or those of their municipalities.</summary>
    public abstract IEnumerable<(string Service, bool Platform)> FollowedKinds { get; }

    /// <summary>A source has more; ignored when it is not followed.</summary>
    /// <param name="source">The source.</param>
    /// <param name="now">What held it back may be over: tries it now, and not when its time has come.</param>
    public abstract void Wake(SourceKey source, bool now = false);

    /// <summary>Every source may have more: looks at all of them.</summary>
    public abstract void WakeAll();

    /// <summary>What held sources back may be over: tries them now, and not when their time has come.</summary>
    public abstract void RetryHeldBack();

    /// <summary>
    /// A broker delivered an event. The next of its source is applied from here, together with what arrived behind it; what
    /// was seen is ignored, and behind a hole the log is read.
    /// </summary>
    /// <param name="settled">Called when the broker may forget the event: it is applied, or known to be in the log that will be read.</param>
    public abstract void Offer(SourceKey source, CloudEvent arrived, Action settled);

    /// <summary>Sources that are known to have more than was applied, or wait for another service.</summary>
    public abstract int Behind { get; }

    /// <summary>Which sources those are, and what holds them back; null while they are just being applied.</summary>
    public abstract IEnumerable<(SourceKey Source, HeldBack? Why)> BehindSources { get; }

    /// <summary>Grows whenever events were applied or parked, before their source is free for the next who catches up.</summary>
    public abstract long Handled { get; }

    /// <summary>A store that is written here was restored: what is known of it in memory holds no more.</summary>
    public abstract Task RestoredAsync(StoreName restored, CancellationToken cancel);

    /// <summary>Applies all that the followed sources have now.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public abstract Task CatchUpAllAsync(CancellationToken cancel);
}

/// <summary>
/// Follows whole sources, in order and once: each event is applied in the transaction that moves <c>applied</c>. What is
/// missing is read from the producer, so a first start, a lost message and a wiped broker are all the same pull.
/// </summary>
internal sealed partial class Inbox<TStore, TTenant, TPlatform> : Inbox
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    private const int PageSize = 256;
    private const int Workers = 8;

    /// <summary>Who gathers has as many sources at hand as one commit takes.</summary>
    private const int GatheringWorkers = 64;
    private const int MostAttempts = 5;

    private readonly ServiceRuntime<TTenant, TPlatform> _runtime;
    private readonly Reactions<TStore, TTenant, TPlatform> _reactions;
    private readonly Func<TenantId?, StoreHandle<TStore>> _storeOf;
    private readonly bool _keepReceived;
    private readonly EventTransport _transport;
    private readonly Caller _caller;
    private readonly KeyedWorker<SourceKey, Follower> _followers;
    private readonly HashSet<string> _tenantSources;
    private readonly HashSet<string> _platformSources;
    private long _handled;

    public Inbox(
        ServiceRuntime<TTenant, TPlatform> runtime, Reactions<TStore, TTenant, TPlatform> reactions,
        Func<TenantId?, StoreHandle<TStore>> storeOf, bool keepReceived, TimeSpan gather, EventTransport transport)
    {
        (_runtime, _reactions, _storeOf, _keepReceived, _transport) = (runtime, reactions, storeOf, keepReceived, transport);
        _followers = new KeyedWorker<SourceKey, Follower>(
            runtime.Clock, gather == TimeSpan.Zero ? Workers : GatheringWorkers, gather, key => new Follower(key));
        _caller = Caller.OfService(runtime.Name);
        reactions.RequireVisibleTo(runtime.Name);
        _tenantSources = [.. reactions.FollowedTenants];
        _platformSources = [.. reactions.FollowedPlatforms];
    }

    public override long Handled => Volatile.Read(ref _handled);

    public override int Behind => _followers.All.Count(follower => follower.IsBehind);

    public override IEnumerable<(SourceKey Source, HeldBack? Why)> BehindSources =>
        _followers.All.Where(follower => follower.IsBehind).Select(follower => (follower.Key, follower.HeldBack));

    public override IEnumerable<string> Followed => FollowedKinds.Select(kind => kind.Service).Distinct();

    public override IEnumerable<(string Service, bool Platform)> FollowedKinds =>
        _platformSources.Select(service => (service, true)).Concat(_tenantSources.Select(service => (service, false)));

    public override void Wake(SourceKey source, bool now = false)
    {
        if (Follows(source)) Wake(_followers.Of(source), now);
    }

    public override void WakeAll()
    {
        foreach (var service in _platformSources) Wake(new SourceKey(service, null));
        foreach (var tenant in _runtime.Tenants.All) WakeAll(tenant);
    }

    public override void RetryHeldBack()
    {
        foreach (var follower in _followers.All.Where(follower => !follower.IsIdle)) Wake(follower, now: true);
    }

    /// <summary>Looks at everything that is followed of a municipality.</summary>
    public void WakeAll(TenantId tenant, bool now = false)
    {
        foreach (var service in _tenantSources) Wake(new SourceKey(service, tenant), now);
    }

    public void Start()
    {
        WakeAll();
        _followers.Start(FollowAsync, HoldBack);
    }

    public async Task StopAsync()
    {
        await _followers.StopAsync();
        // Not applied and never acknowledged as such: the next start reads the logs.
        foreach (var arrival in _followers.All.SelectMany(follower => follower.TakeArrived())) arrival.Settled();
    }

    public override async Task CatchUpAllAsync(CancellationToken cancel)
    {
        var sources = _platformSources.Select(service => new SourceKey(service, null))
            .Concat(_runtime.Tenants.All.SelectMany(_ => _tenantSources, (tenant, service) => new SourceKey(service, tenant)));
        await Parallel.ForEachAsync(
            sources, new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancel },
            async (source, stop) => await CatchUpAsync(source, stop));
    }

    /// <summary>Applies all that the source has, before the caller goes on.</summary>
    public async Task CatchUpAsync(SourceKey source, CancellationToken cancel)
    {
        var follower = _followers.Of(source);
        await follower.Gate.WaitAsync(cancel);
        try
        {
            await PullAsync(follower, cancel);
            if (follower.IsHeldBack) Wake(follower, now: true);
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, $"{source.Service} cannot be asked now.").ToException();
        }
        finally
        {
            follower.Gate.Release();
        }
    }

    private bool Follows(SourceKey source) => (source.Origin is null ? _platformSources : _tenantSources).Contains(source.Service);

    private void Wake(Follower follower, bool now = false)
    {
        follower.WantPull();
        _followers.Signal(follower, now);
    }

    private async Task FollowAsync(Follower follower, CancellationToken cancel)
    {
        await follower.Gate.WaitAsync(cancel);
        var arrived = follower.TakeArrived();
        try
        {
            var pull = follower.TakePull();
            if (arrived.Count > 0) pull |= !await TakeInAsync(follower, arrived, cancel);
            if (pull) await PullAsync(follower, cancel);
            follower.Recovered();
        }
        finally
        {
            follower.Gate.Release();
            foreach (var arrival in arrived) arrival.Settled();
        }
    }

    /// <summary>Held back, not lost: the log still has it. Only what a reaction itself throws is parked.</summary>
    private TimeSpan HoldBack(Follower follower, Exception error)
    {
        var (delay, isNew) = follower.HoldBack(EventFaults.Describe(error), _runtime.Clock.GetUtcNow());
        if (isNew) Log.LogWarning("{Service} holds back {Source}: {Fault}", _runtime.Name, follower.Key, FaultText.Of(error));
        return delay;
    }

    private ILogger Log => field ??= _runtime.Services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Inbox");

    // A municipality about which nothing was told yet needs no store here.
    private Sources.Mark MarkOf(Follower follower, StoreHandle<TStore> store) => follower.Mark ??=
        (store.Exists ? store.Read(_caller, session => Sources.Find(session.Command, follower.Key)) : null) ?? new Sources.Mark(0, "", 0, 0);

    private async Task PullAsync(Follower follower, CancellationToken cancel)
    {
        var store = _storeOf(follower.Key.Origin);
        while (true)
        {
            var mark = MarkOf(follower, store);
            var most = follower.Careful > 0 ? 1 : PageSize;
            var page = await _transport.ReadAsync(follower.Key, new SourcePoint(mark.Source, mark.Applied), most, cancel);
            if (page.Events.Count == 0)
            {
                if (await GoOnAsync(follower, store, mark, page, cancel)) continue;
                return;
            }

            page = page with { Events = [.. page.Events.Select(own => AsSeenHere(follower.Key, own))] };
            // An event may come before TenantRegistered: Municipalities knows whether there is such a municipality.
            if (store.Name.Tenant is { } tenant) await _runtime.RequireKnownAsync(tenant, cancel, follows: true);
            var isCounted = follower.IsToBeCounted;
            if (isCounted && !await CountAttemptAsync(store, follower, page.Events[0], cancel)) continue;
            if (follower.Careful > 0) page = page with { Events = [page.Events[0]], EndReached = false };
            try
            {
                await ApplyAsync(store, follower, page, cancel);
            }
            catch when (isCounted)
            {
                await TakeBackAttemptAsync(store, follower, page.Events[0]);
                throw;
            }
            // The log ended with this page; what came since has woken the follower again.
            if (page.EndReached && follower.Mark?.Source == page.Source) return;
        }
    }
}
