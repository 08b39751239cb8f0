using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.Backbone.Events;

/// <summary>EventService: the durable, resumable feed of every service of this process.</summary>
public sealed class EventCalls(ServiceRuntimes services, TimeProvider clock, IHostApplicationLifetime lifetime) : EventService.EventServiceBase
{
    private const int PageSize = 256;
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override async Task Subscribe(SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        var caller = AccessInterceptor.CallerOf(context);
        var feed = await FeedOf(request.Service, request.Municipality, request, context);
        var (_, epoch) = feed.Identity();
        var position = ResumeToken.Position(request.After, feed.Store, epoch, feed.Head());
        var types = request.Types_.ToHashSet();

        Instruments.Subscriptions.Add(1);
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
                var page = feed.ReadAfter(position, PageSize);
                foreach (var logged in page)
                {
                    position = logged.Position;
                    if (types.Count == 0 || types.Contains(logged.Event.Type)) await Send(new SubscribeResponse { Event = logged.Event });
                }

                var behind = page.Count == PageSize;
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
        finally
        {
            Instruments.Subscriptions.Add(-1);
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
        checks.ThrowIfAny();

        // A service that follows a municipality must not make its store; one that was not made has raised nothing.
        if (request.OwnOnly && !feed.Exists) return new ReadEventsResponse { EndReached = true };
        var most = request.PageSize == 0 ? PageSize : request.PageSize;
        var (source, epoch) = feed.Identity();
        var after = ResumeToken.Position(request.After, feed.Store, epoch, feed.Head());
        var page = request.OwnOnly ? feed.ReadOwnAfter(request.AfterSequence, most) : feed.ReadAfter(after, most);
        return new ReadEventsResponse
        {
            Events = { page.Select(logged => logged.Event) },
            Source = source,
            ResumeToken = ResumeToken.After(feed.Store, epoch, page.Count > 0 ? page[^1].Position : after),
            EndReached = page.Count < most,
        };
    }

    private async Task<EventFeed> FeedOf(string service, string municipality, Google.Protobuf.IMessage request, ServerCallContext context)
    {
        var violations = FieldRules.Check(request, clock.Today());
        if (violations.Count > 0) throw Refusal.Fields(violations).ToException();

        var caller = AccessInterceptor.CallerOf(context);
        var runtime = services.Find(service.Length == 0 ? "municipalities" : service)
            ?? throw Refusal.Fields([new FieldViolation { Field = "service", Description = "No such service here." }]).ToException();
        if (municipality.Length == 0 && caller.Is(OrganisationKind.Service)) return runtime.Feed(null);
        if (municipality.Length == 0) throw Refusal.Fields([new FieldViolation { Field = "municipality", Description = "Must be given." }]).ToException();
        if (caller.Is(OrganisationKind.Municipality) && !caller.Municipalities.Contains(municipality)) throw ServiceRuntime.UnknownMunicipality();
        if (!runtime.HasTenantStores) throw Refusal.Fields([new FieldViolation { Field = "service", Description = "Holds nothing of a municipality." }]).ToException();
        // A suspended municipality's services still apply events, so services may read them.
        var tenant = await runtime.AdmitAsync(TenantId.Parse(municipality), alsoSuspended: caller.Is(OrganisationKind.Service), context.CancellationToken);
        return runtime.Feed(tenant);
    }
}
