using System.Runtime.ExceptionServices;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging;

/// <content>Events into the store, in order and once; what fails for good is parked.</content>
internal sealed partial class Inbox<TStore, TTenant, TPlatform>
    where TStore : StoreContext where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>
    /// As many are applied in one operation: one savepoint, one look at what was applied. Fewer than a page, or other writes
    /// would wait too long for their turn.
    /// </summary>
    private const int MostTogether = 128;

    private async Task ApplyAsync(StoreHandle<TStore> store, Follower follower, SourcePage page, CancellationToken cancel)
    {
        var run = new List<Readied>(Math.Min(page.Events.Count, MostTogether));
        (CloudEvent Event, Exception Error)? failed = null;
        foreach (var received in page.Events)
        {
            // What prepares may look at the store: it must find what the events before it left there.
            if (run.Count == MostTogether || _reactions.Prepares(follower.Key.Service, received.Type))
            {
                failed = await ApplyRunAsync(store, follower.Key, run, cancel);
                run.Clear();
                if (failed is not null) break;
            }

            try
            {
                run.Add(new Readied(received, await ReadAsync(follower.Key, received, cancel)));
            }
            catch (Exception error)
            {
                failed = (received, error);
                break;
            }
        }

        // One that fails in the run comes before the one that could not be read behind it.
        failed = await ApplyRunAsync(store, follower.Key, run, cancel) ?? failed;
        Interlocked.Increment(ref _handled);
        FailPoints.Hit("after-applied-commit");
        if (failed is not { } fault)
        {
            follower.Mark = new Sources.Mark(0, page.Events[^1].Source, page.Events[^1].Sequence, 0);
            if (follower.Careful > 0) follower.Careful--;
            EventInstruments.Applied(_runtime.Name, page.Events.Count);
            return;
        }

        follower.Mark = null;
        if (EventFaults.MustWait(fault.Error, cancel)) ExceptionDispatchInfo.Throw(fault.Error);
        await ParkAsync(store, follower, fault.Event, EventFaults.Describe(fault.Error), cancel);
    }

    /// <summary>Applies events that follow each other, together; when that fails one by one, so that the first that fails is known and those before it stay.</summary>
    private async Task<(CloudEvent Event, Exception Error)?> ApplyRunAsync(StoreHandle<TStore> store, SourceKey key, List<Readied> run, CancellationToken cancel)
    {
        if (run.Count == 0) return null;
        if (await TryApplyAsync(store, key, run, cancel) is not { } error) return null;
        if (run.Count == 1 || EventFaults.MustWait(error, cancel)) return (run[0].Event, error);
        foreach (var one in run)
        {
            if (await TryApplyAsync(store, key, [one], cancel) is { } its) return (one.Event, its);
        }

        return null;
    }

    private async Task<Exception?> TryApplyAsync(StoreHandle<TStore> store, SourceKey key, List<Readied> run, CancellationToken cancel)
    {
        try
        {
            var info = Info(run[0].Event, cancel) with
            {
                IsHeard = _reactions.OnlyListen && !_keepReceived && !run.Exists(readied => readied.Reactions.Exists(ready => ready.Reaction.MayRaise)),
                OtherCauses = run.Skip(1).Select(readied => CauseOf(readied.Event)),
            };
            await store.WriteAsync(info, session => Apply(session, key, run), here: run.Count == 1);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private bool Apply(WriteSession<TStore> session, SourceKey key, List<Readied> run)
    {
        var mark = Sources.Of(session.Statement, key, run[0].Event.Source);
        var applied = mark.Applied;
        foreach (var (received, reactions) in run)
        {
            if (received.Sequence <= applied) continue;
            if (received.Sequence > applied + 1) throw new GapException();
            applied = received.Sequence;
            if (Audience.IsWithheld(received)) continue;
            var position = _keepReceived ? session.Events.AppendReceived(mark.SourceId, received) : 0;
            if (reactions.Count == 0) continue;
            if (ParkedEvents.Holds(session.Statement, mark.SourceId, received.Subject))
            {
                ParkedEvents.Add(session.Command, mark.SourceId, received, position, ParkReason.BehindAnother, session.Now);
                session.ParkedChanged();
                continue;
            }

            React(session, new ReceivedEvent(key, received, position), reactions);
            FailPoints.Hit("before-applied-commit");
        }

        if (applied > mark.Applied) Sources.Move(session.Statement, mark.SourceId, applied);
        return true;
    }

    private void React(WriteSession<TStore> session, ReceivedEvent received, List<ReadiedReaction> reactions)
    {
        using var span = Spans.Apply(_runtime.Name, received.Event);
        session.CausedBy(span is null ? CauseOf(received.Event) : new TraceCause(span.Id));
        foreach (var (reaction, data, prepared) in reactions) reaction.Apply(data, prepared, received, session);
        // The next event of the operation looks at the file.
        session.Flush();
        session.Forget();
    }

    /// <summary>
    /// As this service may see it: in one process the log is read directly, and an earlier version may have published or parked
    /// what is for another service only. It sees all that it raised itself.
    /// </summary>
    private CloudEvent AsSeenHere(SourceKey source, CloudEvent read) =>
        source.Service == _runtime.Name ? read : Audience.AsSeenBy(_caller, read);

    /// <summary>Reads an event for its reactions, and prepares them; empty when nothing reacts.</summary>
    private async Task<List<ReadiedReaction>> ReadAsync(SourceKey key, CloudEvent received, CancellationToken cancel)
    {
        if (Audience.IsWithheld(received)) return [];
        var name = EventTypes.NameOf(received.Type);
        if (name is null || EventTypes.Find(name) is not { } type) throw new UnknownVersionException();
        var found = _reactions.For(key.Service, name);
        if (found.Count == 0) return [];
        var data = EventReading.Read(type, received.Data.Value);
        var scope = new CallScope<TTenant, TPlatform>(_runtime, _caller, key.Origin, Ids.Parse(received.Id), cancel)
        {
            Followers = _runtime.Services.GetRequiredService<FollowerCalls>(),
        };
        var reactions = new List<ReadiedReaction>(found.Count);
        using var span = found.Any(reaction => reaction.Prepares) ? Spans.Prepare(_runtime.Name, received) : null;
        foreach (var reaction in found) reactions.Add(new ReadiedReaction(reaction, data, await reaction.PrepareAsync(data, new ReceivedEvent(key, received, 0), scope)));
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
        var position = _keepReceived && !Audience.IsWithheld(received) ? session.Events.AppendReceived(mark.SourceId, received) : 0;
        ParkedEvents.Add(session.Command, mark.SourceId, received, position, reason, session.Now);
        session.ParkedChanged();
        session.AfterCommit(() => EventInstruments.Failed(_runtime.Name, reason));
    }

    private WriteInfo Info(CloudEvent received, CancellationToken cancel) => new(_caller, CauseOf(received), DateTime.MaxValue, cancel);

    private static TraceCause CauseOf(CloudEvent received) => new(received.Traceparent);

    /// <summary>An event that was read, with what its reactions prepared.</summary>
    private readonly record struct Readied(CloudEvent Event, List<ReadiedReaction> Reactions);

    private readonly record struct ReadiedReaction(Reactions<TStore, TTenant, TPlatform>.Reaction Reaction, IMessage Data, object? Prepared);
}
