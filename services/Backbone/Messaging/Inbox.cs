using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>What a service follows with one kind of its stores, without the types of those stores.</summary>
internal abstract class Inbox
{
    /// <summary>Services whose events are followed.</summary>
    public abstract IEnumerable<string> Followed { get; }

    /// <summary>A source has more; ignored when it is not followed.</summary>
    public abstract void Wake(SourceKey source);

    /// <summary>Every source may have more: looks at all of them.</summary>
    public abstract void WakeAll();

    /// <summary>
    /// A broker delivered an event. The next of its source is applied from here, together with what arrived behind it; what
    /// was seen is ignored, and behind a hole the log is read.
    /// </summary>
    /// <returns>Completes when the broker may forget the event.</returns>
    public abstract Task OfferAsync(SourceKey source, CloudEvent arrived);

    /// <summary>Sources that are known to have more than was applied, or wait for another service.</summary>
    public abstract int Behind { get; }

    /// <summary>Grows whenever events were applied or parked, before their source is free for the next who catches up.</summary>
    public abstract long Handled { get; }

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
    private const int MostAttempts = 5;

    private readonly ServiceRuntime<TTenant, TPlatform> _runtime;
    private readonly Reactions<TStore, TTenant, TPlatform> _reactions;
    private readonly Func<TenantId?, StoreHandle<TStore>> _storeOf;
    private readonly bool _keepReceived;
    private readonly EventTransport _transport;
    private readonly Caller _caller;
    private readonly ConcurrentDictionary<SourceKey, Follower> _followers = new();
    private readonly Channel<Follower> _woken = Channel.CreateUnbounded<Follower>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _tenantSources;
    private readonly HashSet<string> _platformSources;
    private List<Task> _workers = [];
    private long _handled;

    public Inbox(
        ServiceRuntime<TTenant, TPlatform> runtime, Reactions<TStore, TTenant, TPlatform> reactions,
        Func<TenantId?, StoreHandle<TStore>> storeOf, bool keepReceived, EventTransport transport)
    {
        (_runtime, _reactions, _storeOf, _keepReceived, _transport) = (runtime, reactions, storeOf, keepReceived, transport);
        _caller = Caller.OfService(runtime.Name);
        _tenantSources = [.. reactions.FollowedTenants];
        _platformSources = [.. reactions.FollowedPlatforms];
    }

    public override long Handled => Volatile.Read(ref _handled);

    public override int Behind => _followers.Values.Count(follower => follower.IsBehind);

    public override IEnumerable<string> Followed => _platformSources.Union(_tenantSources);

    public override void Wake(SourceKey source)
    {
        if (Follows(source)) Wake(_followers.GetOrAdd(source, key => new Follower(key)));
    }

    public override void WakeAll()
    {
        foreach (var service in _platformSources) Wake(new SourceKey(service, null));
        foreach (var tenant in _runtime.Tenants.All) WakeAll(tenant);
    }

    /// <summary>Looks at everything that is followed of a municipality.</summary>
    public void WakeAll(TenantId tenant)
    {
        foreach (var service in _tenantSources) Wake(new SourceKey(service, tenant));
    }

    public void Start()
    {
        WakeAll();
        _workers = [.. Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync))];
    }

    public async Task StopAsync()
    {
        _woken.Writer.TryComplete();
        if (!_stopping.IsCancellationRequested) await _stopping.CancelAsync();
        await Task.WhenAll(_workers);
        // Not applied and never acknowledged as such: the next start reads the logs.
        foreach (var arrival in _followers.Values.SelectMany(follower => follower.TakeArrived())) arrival.Settle();
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
        var follower = _followers.GetOrAdd(source, key => new Follower(key));
        await follower.Gate.WaitAsync(cancel);
        try
        {
            await PullAsync(follower, cancel);
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

    /// <summary>The parked events of one store.</summary>
    public List<ParkedEvent> ListParked(TenantId? origin) => _storeOf(origin).Read(_caller, session => ParkedEvents.List(session.Command));

    /// <summary>Handles a whole chain again, in order; what fails again stays, and the rest behind it.</summary>
    /// <returns>How many events were handled.</returns>
    public async Task<int> RequeueAsync(TenantId? origin, string subject, CancellationToken cancel)
    {
        var store = _storeOf(origin);
        var handled = 0;
        // Asked for anew each time: while it is handled, the chain may grow at its end.
        while (store.Read(_caller, session => ParkedEvents.First(session.Command, subject)) is { } parked)
        {
            var key = SourceKey.Of(parked.Event);
            var reactions = await ReadAsync(key, parked.Event, cancel);
            if (await store.WriteAsync(Info(parked.Event, cancel), session => ApplyParked(session, key, parked, reactions))) handled++;
        }

        return handled;
    }

    private bool ApplyParked(
        WriteSession<TStore> session, SourceKey key, ParkedEvent parked,
        List<(Reactions<TStore, TTenant, TPlatform>.Reaction Reaction, IMessage Data, object? Prepared)> reactions)
    {
        // Another operator may have been faster.
        if (ParkedEvents.First(session.Command, parked.Subject)?.ParkedId != parked.ParkedId) return false;
        foreach (var (reaction, data, prepared) in reactions) reaction.Apply(data, prepared, new ReceivedEvent(key, parked.Event, parked.Position), session);
        ParkedEvents.Remove(session.Command, parked.ParkedId);
        return true;
    }

    /// <summary>Gives up one parked event; the caller's audit holds why.</summary>
    public Task DropAsync(TenantId? origin, long parkedId) => _storeOf(origin).WriteAsync(WriteInfo.Capture(_caller), session =>
    {
        ParkedEvents.Remove(session.Command, parkedId);
        return true;
    });

    private bool Follows(SourceKey source) => (source.Origin is null ? _platformSources : _tenantSources).Contains(source.Service);

    private void Wake(Follower follower)
    {
        follower.WantPull();
        Enqueue(follower);
    }

    private void Enqueue(Follower follower)
    {
        if (follower.TryWake()) _woken.Writer.TryWrite(follower);
    }

    private async Task WorkAsync()
    {
        await foreach (var follower in _woken.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (_stopping.IsCancellationRequested) return;
            await follower.Gate.WaitAsync(CancellationToken.None);
            // Only now: else every event that arrives meanwhile would send one more worker to wait here.
            follower.Taken();
            var arrived = follower.TakeArrived();
            try
            {
                var pull = follower.TakePull();
                if (arrived.Count > 0) pull |= !await TakeInAsync(follower, arrived, _stopping.Token);
                if (pull) await PullAsync(follower, _stopping.Token);
                follower.Recovered();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Held back, not lost: the log still has it. Only what a reaction itself throws is parked.
                var delay = follower.HoldBack();
                Log.LogWarning(error, "{Service} holds back {Source} for {Delay}", _runtime.Name, follower.Key, delay);
                _ = WakeLaterAsync(follower, delay);
            }
            finally
            {
                follower.Gate.Release();
                foreach (var arrival in arrived) arrival.Settle();
            }
        }
    }

    private ILogger Log => field ??= _runtime.Services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Inbox");

    private async Task WakeLaterAsync(Follower follower, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _stopping.Token);
            follower.Release();
            Wake(follower);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the next start looks at every source anyway.
        }
    }

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
            var page = await _transport.ReadAsync(follower.Key, mark.Applied, most, cancel);
            if (page.Events.Count == 0) return;
            if (mark.Source.Length > 0 && mark.Source != page.Source)
            {
                throw new InvalidOperationException($"{follower.Key} was restored: it is {page.Source} now, {mark.Source} was followed.");
            }

            // An event may come before TenantRegistered: Municipalities knows whether there is such a municipality.
            if (store.Name.Tenant is { } tenant) await _runtime.AdmitAsync(tenant, alsoSuspended: true, cancel);
            if (follower.IsToBeCounted && !await CountAttemptAsync(store, follower, page.Events[0], cancel)) continue;
            if (follower.Careful > 0) (most, page) = (1, page with { Events = [page.Events[0]] });
            await ApplyAsync(store, follower, page, cancel);
            // The log ended with this page; what came since has woken the follower again.
            if (page.Events.Count < most && follower.Mark is not null) return;
        }
    }

    /// <summary>
    /// An event that kills the process would do so at every start: counted before it is handled, parked at the fifth. After
    /// a start that did not get past an event, events are handled one by one, so that none is blamed for its neighbour.
    /// </summary>
    /// <returns>Whether to go on with the event.</returns>
    private async Task<bool> CountAttemptAsync(StoreHandle<TStore> store, Follower follower, CloudEvent next, CancellationToken cancel)
    {
        var attempts = await store.WriteAsync(Info(next, cancel), session =>
        {
            var mark = Sources.Of(session.Command, follower.Key, next.Source);
            if (mark.Attempts + 1 >= MostAttempts) Park(session, follower.Key, next, ParkReason.ProcessDied);
            else Sources.CountAttempt(session.Command, mark.SourceId);
            return mark.Attempts;
        });
        if (!follower.Started && attempts > 0) follower.Careful = PageSize;
        follower.Started = true;
        if (attempts + 1 < MostAttempts) return true;
        Log.LogError("{Service} parks {Type} {Id} of {Source}: the process died each time", _runtime.Name, next.Type, next.Id, follower.Key);
        follower.Mark = null;
        return false;
    }

    private async Task ApplyAsync(StoreHandle<TStore> store, Follower follower, SourcePage page, CancellationToken cancel)
    {
        // Queued one behind the other and committed together; an event whose predecessor failed finds a gap and waits.
        var queued = new List<(CloudEvent Event, Task<bool> Applied)>(page.Events.Count);
        (CloudEvent Event, Exception Error)? failed = null;
        foreach (var received in page.Events)
        {
            try
            {
                // What prepares may look at the store: it must find what the events before it left there.
                if (_reactions.Prepares(follower.Key.Service, received.Type) && queued.Count > 0)
                {
                    failed = await SettleAsync(queued);
                    queued.Clear();
                    if (failed is not null) break;
                }

                var reactions = await ReadAsync(follower.Key, received, cancel);
                queued.Add((received, store.WriteAsync(Info(received, cancel), session => ApplyOne(session, follower.Key, received, reactions))));
            }
            catch (Exception error)
            {
                failed = (received, error);
                break;
            }
        }

        // One that failed in the queue comes before the one that could not be read behind it.
        failed = await SettleAsync(queued) ?? failed;
        Interlocked.Increment(ref _handled);
        FailPoints.Hit("after-applied-commit");
        if (failed is not { } fault)
        {
            follower.Mark = new Sources.Mark(0, page.Source, page.Events[^1].Sequence, 0);
            if (follower.Careful > 0) follower.Careful--;
            Instruments.Applied.Add(page.Events.Count, new KeyValuePair<string, object?>("service", _runtime.Name));
            return;
        }

        follower.Mark = null;
        if (EventFaults.MustWait(fault.Error, cancel)) ExceptionDispatchInfo.Throw(fault.Error);
        await ParkAsync(store, follower, fault.Event, EventFaults.Describe(fault.Error), cancel);
    }

    private static async Task<(CloudEvent Event, Exception Error)?> SettleAsync(List<(CloudEvent Event, Task<bool> Applied)> queued)
    {
        (CloudEvent, Exception)? first = null;
        foreach (var (received, applied) in queued)
        {
            try
            {
                await applied;
            }
            catch (Exception error)
            {
                first ??= (received, error);
            }
        }

        return first;
    }

    private bool ApplyOne(
        WriteSession<TStore> session, SourceKey key, CloudEvent received,
        List<(Reactions<TStore, TTenant, TPlatform>.Reaction Reaction, IMessage Data, object? Prepared)> reactions)
    {
        var mark = Sources.Of(session.Command, key, received.Source);
        if (received.Sequence <= mark.Applied) return false;
        if (received.Sequence > mark.Applied + 1) throw new GapException();
        Sources.Move(session.Command, mark.SourceId, received.Sequence);
        var position = _keepReceived ? session.Events.AppendReceived(mark.SourceId, received) : 0;
        if (reactions.Count == 0) return true;
        if (ParkedEvents.Holds(session.Command, received.Subject))
        {
            ParkedEvents.Add(session.Command, mark.SourceId, received, position, ParkReason.BehindAnother, session.Now);
            return true;
        }

        using var span = Instruments.Source.StartActivity($"apply {EventTypes.NameOf(received.Type)}", ActivityKind.Consumer, new TraceCause(received.Traceparent, received.Tracestate).ToContext());
        span?.SetTag("beschutwerk.service", _runtime.Name).SetTag("beschutwerk.event", received.Id).SetTag("beschutwerk.origin", key.Origin?.Code);
        if (span is not null) session.CausedBy(new TraceCause(span.Id, span.TraceStateString));
        foreach (var (reaction, data, prepared) in reactions) reaction.Apply(data, prepared, new ReceivedEvent(key, received, position), session);
        FailPoints.Hit("before-applied-commit");
        return true;
    }

    /// <summary>Reads an event for its reactions, and prepares them; empty when nothing reacts.</summary>
    private async Task<List<(Reactions<TStore, TTenant, TPlatform>.Reaction Reaction, IMessage Data, object? Prepared)>> ReadAsync(SourceKey key, CloudEvent received, CancellationToken cancel)
    {
        var name = EventTypes.NameOf(received.Type);
        if (name is null || EventTypes.Find(name) is not { } type) throw new UnknownVersionException();
        var found = _reactions.For(key.Service, name);
        if (found.Count == 0) return [];
        var data = EventReading.Read(type, received.Data.Value);
        var scope = new CallScope<TTenant, TPlatform>(_runtime, _caller, key.Origin, Ids.Parse(received.Id), cancel);
        var reactions = new List<(Reactions<TStore, TTenant, TPlatform>.Reaction, IMessage, object?)>(found.Count);
        foreach (var reaction in found) reactions.Add((reaction, data, await reaction.PrepareAsync(data, new ReceivedEvent(key, received, 0), scope)));
        return reactions;
    }

    private Task ParkAsync(StoreHandle<TStore> store, Follower follower, CloudEvent received, string reason, CancellationToken cancel)
    {
        follower.Mark = null;
        Log.LogError("{Service} parks {Type} {Id} of {Source}: {Reason}", _runtime.Name, received.Type, received.Id, follower.Key, reason);
        return store.WriteAsync(Info(received, cancel), session =>
        {
            Park(session, follower.Key, received, reason);
            return true;
        });
    }

    private void Park(WriteSession<TStore> session, SourceKey key, CloudEvent received, string reason)
    {
        var mark = Sources.Of(session.Command, key, received.Source);
        if (received.Sequence != mark.Applied + 1) return;
        Sources.Move(session.Command, mark.SourceId, received.Sequence);
        var position = _keepReceived ? session.Events.AppendReceived(mark.SourceId, received) : 0;
        ParkedEvents.Add(session.Command, mark.SourceId, received, position, reason, session.Now);
        Instruments.Parked.Add(1, new KeyValuePair<string, object?>("service", _runtime.Name));
    }

    private WriteInfo Info(CloudEvent received, CancellationToken cancel) =>
        new(_caller, new TraceCause(received.Traceparent, received.Tracestate), DateTime.MaxValue, cancel);
}
