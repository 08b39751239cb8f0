using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Backbone.Events;

/// <summary>EventService: the durable, resumable feed of every service of this process.</summary>
public sealed class EventCalls(ServiceRuntimes services, Subscriptions subscriptions, TimeProvider clock, IHostApplicationLifetime lifetime) : EventService.EventServiceBase
{
    private const int PageSize = 256;
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override async Task Subscribe(SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        var caller = AccessInterceptor.CallerOf(context);
        var feed = await FeedOf(request.Service, request.Municipality, request, context);
        var checks = new FieldChecks();
        checks.Require(!request.FromEnd || request.After.Length == 0, "from_end", "Goes without after.");
        checks.ThrowIfAny();
        var (_, epoch) = feed.Identity();
        var position = request.FromEnd ? feed.Head() : ResumeToken.Position(request.After, feed.Store, epoch, feed.Head());
        var types = request.Types_.ToHashSet();

        using var subscription = subscriptions.Begin(feed, position);
        try
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
            var spoken = clock.GetUtcNow();
            Task Send(SubscribeResponse message)
            {
                spoken = clock.GetUtcNow();
                message.ResumeToken = ResumeToken.After(feed.Store, epoch, position);
                return responseStream.WriteAsync(message, stopping.Token);
            }

            Task Beat() => Send(new SubscribeResponse { Heartbeat = new Heartbeat { Time = Timestamp.FromDateTimeOffset(clock.GetUtcNow()) } });

            await Send(new SubscribeResponse { Confirmed = new Confirmed { HeadPosition = feed.Head() } });
            var live = false;
            while (true)
            {
                if (clock.GetUtcNow() >= caller.ValidUntil) throw Expired();
                // Asked for before reading: what is committed in between completes it.
                var changed = feed.Changed;
                var page = feed.ReadAfter(position, PageSize, PageBytes.Live);
                RequireEpoch(feed, epoch);
                foreach (var logged in page)
                {
                    position = logged.Position;
                    if (types.Count > 0 && !types.Contains(logged.Event.Type)) continue;
                    // Only of what happens now: who catches up would add spans to traces of long ago.
                    using var span = live ? Spans.Deliver(feed.Store.Service, caller.Actor, logged.Event) : null;
                    await Send(new SubscribeResponse { Event = logged.Event });
                }

                subscription.Position = position;
                Instruments.Delivered(feed.Store.Service, page.Count);
                var behind = PageBytes.IsFull(page, PageSize, PageBytes.Live);
                if (!behind && !live) await Send(new SubscribeResponse { CaughtUp = new CaughtUp { Position = position } });
                // Also where only what was filtered out happens: the token moves on.
                else if (clock.GetUtcNow() - spoken >= HeartbeatEvery) await Beat();
                live = !behind;
                while (live && !await Grew(changed, spoken, stopping.Token))
                {
                    if (clock.GetUtcNow() >= caller.ValidUntil) throw Expired();
                    await Beat();
                }
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Refusal.Of(ErrorReason.ServerShuttingDown, "The server is stopping; resume elsewhere or later.").ToException();
        }
        static RefusalException Expired() => Refusal.Of(ErrorReason.NotAuthenticated, "The access token expired; get a new one and resume.").ToException();

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
        var feed = await FeedOf(request.Service, request.Municipality, request, context);
        var checks = new FieldChecks();
        checks.Require(!request.OwnOnly || request.After.Length == 0, "after", "Goes with positions, not with own_only.");
        checks.Require(request.OwnOnly || request.AfterSequence == 0, "after_sequence", "Goes with own_only.");
        checks.Require(request.OwnOnly || request.OwnSource.Length == 0, "own_source", "Goes with own_only.");
        checks.ThrowIfAny();

        var most = request.PageSize == 0 ? PageSize : request.PageSize;
        return request.OwnOnly ? ReadOwn(feed, new SourcePoint(request.OwnSource, request.AfterSequence), most) : ReadAll(feed, request.After, most);
    }

    private static ReadEventsResponse ReadOwn(EventFeed feed, SourcePoint after, int most)
    {
        // A service that follows a municipality must not make its store; one that was not made has raised nothing.
        if (!feed.Exists) return new ReadEventsResponse { EndReached = true };
        var page = feed.ReadSource(after, most);
        return new ReadEventsResponse { Events = { page.Events }, Source = page.Source, FormerSources = { page.Former }, EndReached = page.EndReached };
    }

    private static ReadEventsResponse ReadAll(EventFeed feed, string token, int most)
    {
        var (_, epoch) = feed.Identity();
        var after = ResumeToken.Position(token, feed.Store, epoch, feed.Head());
        var page = feed.ReadAfter(after, most, PageBytes.Call);
        RequireEpoch(feed, epoch);
        return new ReadEventsResponse
        {
            Events = { page.Select(logged => logged.Event) },
            ResumeToken = ResumeToken.After(feed.Store, epoch, page.Count > 0 ? page[^1].Position : after),
            EndReached = !PageBytes.IsFull(page, most, PageBytes.Call),
        };
    }

    /// <summary>Asked after reading: what was read before belongs to the epoch that the token names.</summary>
    private static void RequireEpoch(EventFeed feed, string epoch)
    {
        if (feed.Identity().Epoch != epoch) throw ResumeToken.OfAnotherEpoch();
    }

    private async Task<EventFeed> FeedOf(string service, string municipality, Google.Protobuf.IMessage request, ServerCallContext context)
    {
        var violations = FieldRules.Check(request, clock.Today());
        if (violations.Count > 0) throw Refusal.Fields(violations).ToException();

        var caller = AccessInterceptor.CallerOf(context);
        var runtime = services.Find(service.Length == 0 ? "municipalities" : service)
            ?? throw Refusal.Fields([new FieldViolation { Field = "service", Description = "No such service here." }]).ToException();
        var ofThePlatform = caller.Is(OrganisationKind.Service) || caller.Is(OrganisationKind.Operator);
        if (municipality.Length == 0 && ofThePlatform) return runtime.Feed(null);
        if (municipality.Length == 0) throw Refusal.Fields([new FieldViolation { Field = "municipality", Description = "Must be given." }]).ToException();
        if (caller.Is(OrganisationKind.Municipality) && !caller.Municipalities.Contains(municipality)) throw ServiceRuntime.UnknownMunicipality();
        if (!runtime.HasTenantStores) throw Refusal.Fields([new FieldViolation { Field = "service", Description = "Holds nothing of a municipality." }]).ToException();
        // A suspended municipality's services still apply events, so services may read them; and operators see why.
        var tenant = await runtime.AdmitAsync(TenantId.Parse(municipality), alsoSuspended: ofThePlatform, context.CancellationToken);
        return runtime.Feed(tenant);
    }
}
