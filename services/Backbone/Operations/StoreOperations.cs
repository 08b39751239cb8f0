using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace BeschutWerk.Backbone.Operations;

/// <summary>An operator's call to one store.</summary>
/// <param name="Request">The request.</param>
/// <param name="RequestId">Its key.</param>
/// <param name="Method">Full name of the RPC.</param>
/// <param name="Info">Who calls, under which trace, until when.</param>
internal readonly record struct OperatorCall(IMessage Request, Guid RequestId, string Method, WriteInfo Info);

/// <summary>How far a store is, what waits in it, and what it lost.</summary>
internal sealed record StoreSummary(
    long Raised, List<(string Service, bool Platform, long Events)> Applied, int Parked, DateTimeOffset? OldestParked, List<(string Source, long From, long To)> Lost);

/// <summary>What operators see of one store and do to it, without its type.</summary>
internal abstract class StoreOperations
{
    /// <summary>Which store.</summary>
    public abstract StoreName Name { get; }

    /// <summary>Whether its file was made.</summary>
    public abstract bool Exists { get; }

    /// <summary>Why it takes no calls; null while it does.</summary>
    public abstract string? Quarantine { get; }

    public abstract StoreSummary Summarize();

    public abstract List<ParkedEvent> ListParked(long after, int most);

    public abstract Task<RequeueParkedEventResponse> RequeueAsync(OperatorCall call, long parkedId);

    public abstract Task<DropParkedEventResponse> DropAsync(OperatorCall call, long parkedId, string reason);

    public abstract Task<SettleLostEventsResponse> SettleAsync(OperatorCall call, SettleLostEventsRequest request);

    public abstract List<OperatorAct> ListActs(long before, int most);

    public abstract Task<BackupStoreResponse> BackUpAsync(OperatorCall call, BackupFolder backups);

    public abstract Task<RestoreStoreResponse> RestoreAsync(OperatorCall call, BackupFolder backups, string backupId, string reason);

    public abstract Task<VerifyStoreResponse> VerifyAsync(EventTransport transport, CancellationToken cancel);

    /// <summary>Events of a trace or of ids in this store, in the order of its log, then what is only parked.</summary>
    public abstract List<FlowEvent> FindFlow(string traceId, IReadOnlyCollection<string> ids, int most, CancellationToken cancel);
}

/// <param name="store">The store.</param>
/// <param name="inbox">What writes into it.</param>
/// <param name="clock">The service's clock.</param>
/// <param name="restored">Tells the service that the store was restored.</param>
internal sealed partial class StoreOperations<TStore, TTenant, TPlatform>(
    StoreHandle<TStore> store, Inbox<TStore, TTenant, TPlatform> inbox, TimeProvider clock, Func<Task> restored) : StoreOperations
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    private readonly Caller _self = Caller.OfService(store.Name.Service);

    public override StoreName Name => store.Name;

    public override bool Exists => store.Exists;

    public override string? Quarantine => store.Quarantine;

    public override StoreSummary Summarize() => Read(session =>
    {
        var (parked, oldest) = ParkedEvents.Count(session.Command);
        return new StoreSummary(EventLog.CountOwn(session), Sources.Count(session.Command), parked, oldest, Sources.Lost(session.Command));
    });

    public override List<ParkedEvent> ListParked(long after, int most) =>
        store.Exists ? Read(session => ParkedEvents.List(session.Command, after: after, most: most)) : [];

    public override async Task<RequeueParkedEventResponse> RequeueAsync(OperatorCall call, long parkedId)
    {
        var once = Once(call);
        if (store.Exists && once.Answered<RequeueParkedEventResponse>() is { } earlier) return earlier;
        var parked = Find(parkedId);
        if (parked.Reason == ParkReason.Unreadable) throw Refusal.Of(ErrorReason.StateForbids, "It is no event, and so cannot be handled; drop it.").ToException();
        var handled = await HandleAsync(parked, call.Info.Caller, call.Info.Cancel);
        return await once.WriteAsync(call.Info, _ => new RequeueParkedEventResponse { Handled = handled });
    }

    public override Task<DropParkedEventResponse> DropAsync(OperatorCall call, long parkedId, string reason)
    {
        // Refused before the write makes a store.
        if (!store.Exists) throw NotParked();
        return Once(call).WriteAsync(call.Info, session =>
        {
            var parked = ParkedEvents.Find(session.Command, parkedId) ?? throw NotParked();
            OperatorActs.Add(session.Command, OperatorActs.Dropped, parked.SubjectForOperators, reason, session.Caller.Actor, session.Now, parked.Event);
            ParkedEvents.Remove(session.Command, parkedId);
            session.ParkedChanged();
            return new DropParkedEventResponse { EventId = parked.Event.Id, Left = ParkedEvents.CountChain(session.Command, parked) };
        });
    }

    public override Task<SettleLostEventsResponse> SettleAsync(OperatorCall call, SettleLostEventsRequest request)
    {
        // Refused before the write makes a store.
        if (!store.Exists) throw NotLost();
        return Once(call).WriteAsync(call.Info, session =>
        {
            var (source, from, to) = (request.Source, request.FromSequence, request.ToSequence);
            // Exactly what the operator saw: what was lost meanwhile has not been looked at.
            if (!Sources.Lost(session.Command).Contains((source, from, to))) throw NotLost();
            Sources.Settle(session.Command, source);
            OperatorActs.Add(
                session.Command, OperatorActs.Settled, $"{source} {from}-{to}", request.Reason, session.Caller.Actor, session.Now);
            return new SettleLostEventsResponse { Settled = to - from + 1 };
        });
    }

    public override List<OperatorAct> ListActs(long before, int most) => store.Exists ? Read(session => OperatorActs.List(session.Command, before, most)) : [];

    public override List<FlowEvent> FindFlow(
        string traceId, IReadOnlyCollection<string> ids, int most, CancellationToken cancel) => Read(session =>
    {
        var found = EventLog.Find(session, traceId, ids, most).Where(logged => Audience.IsOpen(logged.Event)).ToDictionary(logged => logged.Event.Id, logged => new FlowEvent
        {
            Event = logged.Event, Places = { new FlowPlace { Store = Name.ToString(), Position = logged.Position } },
        });
        foreach (var parked in ParkedEvents.List(session.Command).Where(parked => Audience.IsOpen(parked.Event) && Flow.Concerns(parked.Event, traceId, ids)))
        {
            if (!found.TryGetValue(parked.Event.Id, out var flow))
            {
                found.Add(parked.Event.Id, flow = new FlowEvent { Event = parked.Event, Places = { new FlowPlace { Store = Name.ToString() } } });
            }

            (flow.Places[0].ParkedReason, flow.Places[0].ParkedId) = (parked.Reason, parked.ParkedId);
        }

        return found.Values.ToList();
    }, cancel);

    private T Read<T>(Func<ReadSession<TStore>, T> read, CancellationToken cancel = default) => store.Read(_self, read, cancel);

    private OneCall<TStore> Once(OperatorCall call) => new(store, call.Info.Caller, call.RequestId, call.Method, call.Request);

    private ParkedEvent Find(long parkedId) =>
        (store.Exists ? Read(session => ParkedEvents.Find(session.Command, parkedId)) : null) ?? throw NotParked();

    private async Task<int> HandleAsync(ParkedEvent parked, Caller caller, CancellationToken cancel)
    {
        try
        {
            return await inbox.RequeueAsync(
                store.Name.Tenant, parked,
                session => OperatorActs.Add(session.Command, OperatorActs.Requeued, parked.SubjectForOperators, "", caller.Actor, session.Now), cancel);
        }
        catch (RpcException away) when (away.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, "A service that the event needs does not answer.").ToException();
        }
        catch (Exception error) when (!EventFaults.MustWait(error, cancel))
        {
            // Only the fault's name: its text may hold what nobody may read.
            throw (Refusal.Of(ErrorReason.EventStillFails, "The event failed again and stays parked, the rest of its chain behind it.") with
            {
                Metadata = new Dictionary<string, string> { ["fault"] = EventFaults.Describe(error), ["subject"] = parked.SubjectForOperators },
            }).ToException();
        }
    }

    private static RefusalException NotLost() => Refusal.NotFound("lost events").ToException();

    private static RefusalException NotParked() => Refusal.NotFound("parked event").ToException();
}
