using System.Runtime.ExceptionServices;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <content>Events into the store, in order and once; what fails for good is parked.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
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
                queued.Add((received, store.WriteAsync(Info(received, cancel), session => ApplyOne(session, follower.Key, received, reactions), here: page.Events.Count == 1)));
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
            follower.Mark = new Sources.Mark(0, page.Events[^1].Source, page.Events[^1].Sequence, 0);
            if (follower.Careful > 0) follower.Careful--;
            Instruments.Applied(_runtime.Name, page.Events.Count);
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
        var mark = Sources.Of(session.Statement, key, received.Source);
        if (received.Sequence <= mark.Applied) return false;
        if (received.Sequence > mark.Applied + 1) throw new GapException();
        Sources.Move(session.Statement, mark.SourceId, received.Sequence);
        var position = _keepReceived ? session.Events.AppendReceived(mark.SourceId, received) : 0;
        if (reactions.Count == 0) return true;
        if (ParkedEvents.Holds(session.Statement, mark.SourceId, received.Subject))
        {
            ParkedEvents.Add(session.Command, mark.SourceId, received, position, ParkReason.BehindAnother, session.Now);
            session.ParkedChanged();
            return true;
        }

        React(session, new ReceivedEvent(key, received, position), reactions);
        FailPoints.Hit("before-applied-commit");
        return true;
    }

    private void React(
        WriteSession<TStore> session, ReceivedEvent received, List<(Reactions<TStore, TTenant, TPlatform>.Reaction Reaction, IMessage Data, object? Prepared)> reactions)
    {
        using var span = Spans.Apply(_runtime.Name, received.Event);
        if (span is not null) session.CausedBy(new TraceCause(span.Id, span.TraceStateString));
        foreach (var (reaction, data, prepared) in reactions) reaction.Apply(data, prepared, received, session);
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
        using var span = found.Any(reaction => reaction.Prepares) ? Spans.Prepare(_runtime.Name, received) : null;
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
        var mark = Sources.Of(session.Statement, key, received.Source);
        if (received.Sequence != mark.Applied + 1) return;
        Sources.Move(session.Statement, mark.SourceId, received.Sequence);
        var position = _keepReceived ? session.Events.AppendReceived(mark.SourceId, received) : 0;
        ParkedEvents.Add(session.Command, mark.SourceId, received, position, reason, session.Now);
        session.ParkedChanged();
        session.AfterCommit(() => Instruments.Failed(_runtime.Name, reason));
    }

    private WriteInfo Info(CloudEvent received, CancellationToken cancel) =>
        new(_caller, new TraceCause(received.Traceparent, received.Tracestate), DateTime.MaxValue, cancel);
}
