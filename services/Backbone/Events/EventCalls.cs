using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Backbone.Events;

/// <summary>EventService: the durable, resumable feed of every service of this process.</summary>
public sealed class EventCalls(
    ServiceRuntimes services, Subscriptions subscriptions, TokenValidator tokens, CallLimits limits, TimeProvider clock,
    IHostApplicationLifetime lifetime)
    : EventService.EventServiceBase
{
    private const int PageSize = 256;
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override async Task Subscribe(SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        var caller = CallAccess.CallerOf(context);
        HashSet<string> types = [];
        var (service, feed) = await FeedOf(request.Service, request.Municipality, request, context, (runtime, checks) =>
        {
            checks.Require(ResumeToken.IsWellFormed(request.After), "after", ResumeToken.NoToken);
            checks.Require(!request.FromEnd || request.After.Length == 0, "from_end", "Goes without after.");
            var ofMunicipality = request.Municipality.Length > 0;
            types = [.. EventFilter.Read(request.Types_, type => runtime is null || runtime.FeedMayHold(type, ofMunicipality), checks)];
        });
        using var place = feed.Store.Tenant is { } followed ? limits.BeginFeed(caller, followed) : null;
        var (_, epoch) = feed.Identity();
        var position = request.FromEnd ? feed.Head() : ResumeToken.Position(request.After, feed.Store, epoch, feed.Head());

        using var subscription = subscriptions.Begin(feed, position);
        using var token = tokens.Watch(caller);
        using var suspension = new SuspensionWatch(
            service.Tenants, () => feed.Store.Tenant is { } tenant ? Suspension.Of(service.Tenants, caller, tenant, context.Method) : null);
        try
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
                [context.CancellationToken, lifetime.ApplicationStopping, token.Ended, suspension.Suspended]);
            var spoken = clock.GetUtcNow();
            Task Send(SubscribeResponse message)
            {
                // A write that is cancelled resets the stream; only one that is blocked must, for the reason is not told then.
                stopping.Token.ThrowIfCancellationRequested();
                spoken = clock.GetUtcNow();
                message.ResumeToken = ResumeToken.After(feed.Store, epoch, position);
                return responseStream.WriteAsync(message, stopping.Token);
            }

            async ValueTask<IReadOnlyList<LoggedEvent>> ReadAsync(bool isLive)
            {
                // What just happened is in memory; the log is read by those who come, and whoever opens many feeds at once waits for them.
                using var turn = isLive ? null : await limits.TakeReadAsync(caller, context.Method, stopping.Token);
                return feed.ReadAfter(position, PageSize, PageBytes.Live);
            }

            Task Beat() => Send(new SubscribeResponse { Heartbeat = new Heartbeat { Time = Timestamp.FromDateTimeOffset(clock.GetUtcNow()) } });

            await Send(new SubscribeResponse { Confirmed = new Confirmed { HeadPosition = feed.Head() } });
            var live = false;
            while (true)
            {
                if (tokens.HasEnded(caller)) throw Ended();
                // Asked for before reading: what is committed in between completes it.
                var changed = feed.Changed;
                var page = await ReadAsync(live);
                RequireEpoch(feed, epoch);
                foreach (var logged in page)
                {
                    position = logged.Position;
                    if (types.Count > 0 && !types.Contains(logged.Event.Type)) continue;
                    if (!Audience.MaySee(caller, logged.Event)) continue;
                    // Only of what happens now: who catches up would add spans to traces of long ago.
                    using var span = live ? Spans.Deliver(feed.Store.Service, caller.Actor, logged.Event) : null;
                    await Send(new SubscribeResponse { Event = logged.Event });
                }

                subscription.Position = position;
                EventInstruments.Delivered(feed.Store.Service, page.Count);
                var behind = PageBytes.IsFull(page, PageSize, PageBytes.Live);
                if (!behind && !live) await Send(new SubscribeResponse { CaughtUp = new CaughtUp { Position = position } });
                // Also where only what was filtered out happens: the token moves on.
                else if (clock.GetUtcNow() - spoken >= HeartbeatEvery) await Beat();
                live = !behind;
                while (live && !await Grew(changed, spoken, stopping.Token))
                {
                    if (tokens.HasEnded(caller)) throw Ended();
                    await Beat();
                }
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Refusal.Of(ErrorReason.ServerShuttingDown, "The server is stopping; resume elsewhere or later.").ToException();
        }
        catch (OperationCanceledException) when (token.Ended.IsCancellationRequested)
        {
            throw Ended();
        }
        catch (OperationCanceledException) when (suspension.Refusal is { } refusal)
        {
            throw refusal.ToException();
        }

        static RefusalException Ended() =>
            Refusal.Of(ErrorReason.NotAuthenticated, "The access token ended; get a new one and resume.").ToException();

        async Task<bool> Grew(Task changed, DateTimeOffset spoken, CancellationToken stop)
        {
            var until = spoken + HeartbeatEvery < caller.ValidUntil ? spoken + HeartbeatEvery : caller.ValidUntil;
            var left = until - clock.GetUtcNow();
            try
            {
                await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, stop);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<ReadEventsResponse> ReadEvents(ReadEventsRequest request, ServerCallContext context)
    {
        var (_, feed) = await FeedOf(request.Service, request.Municipality, request, context, (_, checks) =>
        {
            checks.Require(request.OwnOnly || ResumeToken.IsWellFormed(request.After), "after", ResumeToken.NoToken);
            checks.Require(!request.OwnOnly || request.After.Length == 0, "after", "Goes with positions, not with own_only.");
            checks.Require(request.OwnOnly || request.AfterSequence == 0, "after_sequence", "Goes with own_only.");
            checks.Require(request.OwnOnly || request.OwnSource.Length == 0, "own_source", "Goes with own_only.");
        });

        if (feed.Store.Tenant is { } read) await limits.TakeTurnAsync(OpenCall.Of(context), read, context.CancellationToken);
        var most = request.PageSize == 0 ? PageSize : request.PageSize;
        var caller = CallAccess.CallerOf(context);
        return request.OwnOnly ? ReadOwn(feed, new SourcePoint(request.OwnSource, request.AfterSequence), most, caller) : ReadAll(feed, request.After, most, caller);
    }

    private static ReadEventsResponse ReadOwn(EventFeed feed, SourcePoint after, int most, Caller caller)
    {
        // A service that follows a municipality must not make its store; one that was not made has raised nothing.
        if (!feed.Exists) return new ReadEventsResponse { EndReached = true };
        var page = feed.ReadSource(after, most);
        return new ReadEventsResponse
        {
            Events = { page.Events.Select(own => Audience.AsSeenBy(caller, own)) },
            Source = page.Source, FormerSources = { page.Former }, EndReached = page.EndReached,
        };
    }

    private static ReadEventsResponse ReadAll(EventFeed feed, string token, int most, Caller caller)
    {
        var (_, epoch) = feed.Identity();
        var after = ResumeToken.Position(token, feed.Store, epoch, feed.Head());
        var page = feed.ReadAfter(after, most, PageBytes.Call);
        RequireEpoch(feed, epoch);
        return new ReadEventsResponse
        {
            Events = { page.Select(logged => logged.Event).Where(read => Audience.MaySee(caller, read)) },
            ResumeToken = ResumeToken.After(feed.Store, epoch, page.Count > 0 ? page[^1].Position : after),
            EndReached = !PageBytes.IsFull(page, most, PageBytes.Call),
        };
    }

    /// <summary>Asked after reading: what was read before belongs to the epoch that the token names.</summary>
    private static void RequireEpoch(EventFeed feed, string epoch)
    {
        if (feed.Identity().Epoch != epoch) throw ResumeToken.OfAnotherEpoch();
    }

    /// <param name="across">Checks the rest of the request; without a service where there is no such one.</param>
    private async Task<(ServiceRuntime Service, EventFeed Feed)> FeedOf(
        string service, string municipality, IMessage request, ServerCallContext context, Action<ServiceRuntime?, FieldChecks> across)
    {
        var caller = CallAccess.CallerOf(context);
        var runtime = services.Find(service.Length == 0 ? "municipalities" : service);
        RequestChecks.Require(request, caller, clock.Today(), Check);
        if (municipality.Length > 0 && caller.Is(OrganisationKind.Municipality) && !caller.Tenants.Contains(municipality)) throw Refusal.UnknownTenant().ToException();
        RequestChecks.RequireAcross(request, Check);
        if (municipality.Length == 0) return (runtime!, runtime!.Feed(null));
        var tenant = await runtime!.AdmitAsync(caller, TenantId.Parse(municipality), context.Method, context.CancellationToken);
        return (runtime, runtime.Feed(tenant));

        void Check(IMessage _, FieldChecks checks)
        {
            var ofThePlatform = caller.Is(OrganisationKind.Service) || caller.Is(OrganisationKind.Operator);
            checks.Require(runtime is not null, "service", "No such service here.");
            checks.Require(municipality.Length > 0 || ofThePlatform, "municipality", "Must be given.");
            checks.Require(municipality.Length == 0 || runtime is null or { HasTenantStores: true }, "service", "Holds nothing of a municipality.");
            across(runtime, checks);
        }
    }
}
