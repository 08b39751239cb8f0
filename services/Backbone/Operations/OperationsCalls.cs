using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace BeschutWerk.Backbone.Operations;

/// <summary>OperationsService: how the services of this process stand, and what operators do to their stores.</summary>
public sealed class OperationsCalls(ServiceRuntimes services, EventTransport transport, BackupFolder backups, FlowSearch flows, TimeProvider clock) : OperationsService.OperationsServiceBase
{
    /// <inheritdoc/>
    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        // Opens stores that nobody asked for lately: on a thread of its own, for opening waits for the disk.
        Task.Run(
            () => ServiceStatus.OfAsync(Checked(request, request.Service, context), transport, clock, context.CancellationToken),
            context.CancellationToken);

    /// <inheritdoc/>
    public override async Task<ListParkedEventsResponse> ListParkedEvents(ListParkedEventsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        var page = new ListPage(request, CallAccess.CallerOf(context));
        var (parked, next) = page.Cut(store.ListParked(page.After(0L), page.Limit), row => $"{row.ParkedId}");
        return new ListParkedEventsResponse { Parked = { parked.Select(ToMessage) }, NextPageToken = next };
    }

    /// <inheritdoc/>
    public override async Task<RequeueParkedEventResponse> RequeueParkedEvent(RequeueParkedEventRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.RequeueAsync(Call(request, request.RequestId, context), request.ParkedId);
    }

    /// <inheritdoc/>
    public override async Task<DropParkedEventResponse> DropParkedEvent(DropParkedEventRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.DropAsync(Call(request, request.RequestId, context), request.ParkedId, request.Reason);
    }

    /// <inheritdoc/>
    public override async Task<SettleLostEventsResponse> SettleLostEvents(SettleLostEventsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.SettleAsync(Call(request, request.RequestId, context), request);
    }

    /// <inheritdoc/>
    public override async Task<BackupStoreResponse> BackupStore(BackupStoreRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.BackUpAsync(Call(request, request.RequestId, context), backups);
    }

    /// <inheritdoc/>
    public override async Task<ListBackupsResponse> ListBackups(ListBackupsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        var page = new ListPage(request, CallAccess.CallerOf(context));
        // Ids sort by time.
        var before = page.After("");
        var (all, unreadable) = backups.List(store.Name);
        var found = all.Where(backup => before.Length == 0 || string.CompareOrdinal(backup.BackupId, before) < 0).Take(page.Limit).ToList();
        var (rows, next) = page.Cut(found, backup => backup.BackupId);
        return new ListBackupsResponse { Backups = { rows }, NextPageToken = next, Unreadable = { unreadable } };
    }

    /// <inheritdoc/>
    public override async Task<RestoreStoreResponse> RestoreStore(RestoreStoreRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.RestoreAsync(Call(request, request.RequestId, context), backups, request.BackupId, request.Reason);
    }

    /// <inheritdoc/>
    public override async Task<VerifyStoreResponse> VerifyStore(VerifyStoreRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.VerifyAsync(transport, context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<GetFlowResponse> GetFlow(GetFlowRequest request, ServerCallContext context)
    {
        var service = Checked(request, request.Service, context, (_, checks) =>
        {
            checks.Require(request.Ids.Count > 0 != request.TraceId.Length > 0, "ids", "Give ids or trace_id.");
            checks.Require(request.TraceId.Length == 0 || (request.TraceId.Length == 32 && request.TraceId.All(char.IsAsciiHexDigitLower)), "trace_id", "Must be 32 hexadecimal digits.");
        });
        if (request.Municipality.Length > 0) await AdmitAsync(service, request.Municipality, context);
        return request.ThisServiceOnly
            ? await Task.Run(() => FlowSearch.HereAsync(service, request, context.CancellationToken), context.CancellationToken)
            : await flows.EverywhereAsync(
                service, request, new CallOptions(deadline: context.Deadline, cancellationToken: context.CancellationToken));
    }

    /// <inheritdoc/>
    public override async Task<ListOperatorActsResponse> ListOperatorActs(ListOperatorActsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        var page = new ListPage(request, CallAccess.CallerOf(context));
        var (acts, next) = page.Cut(store.ListActs(page.After(long.MaxValue), page.Limit), act => $"{act.ActId}");
        return new ListOperatorActsResponse { Acts = { acts }, NextPageToken = next };
    }

    /// <param name="across">Checks the rest of the request; without a service where there is no such one.</param>
    private ServiceRuntime Checked(IMessage request, string service, ServerCallContext context, Action<ServiceRuntime?, FieldChecks>? across = null)
    {
        var runtime = services.Find(service.Length == 0 ? "municipalities" : service);
        RequestChecks.Require(request, CallAccess.CallerOf(context), clock.Today(), Check);
        RequestChecks.RequireAcross(request, Check);
        return runtime!;

        void Check(IMessage _, FieldChecks checks)
        {
            checks.Require(runtime is not null, "service", "No such service here.");
            runtime?.CheckKeptText(checks, "reason", ReasonIn(request));
            across?.Invoke(runtime, checks);
        }
    }

    /// <summary>Why the operator does it, in their words: it stands in the store for good, and as it is.</summary>
    private static string ReasonIn(IMessage request) => request switch
    {
        DropParkedEventRequest drop => drop.Reason,
        SettleLostEventsRequest settle => settle.Reason,
        RestoreStoreRequest restore => restore.Reason,
        _ => "",
    };

    /// <summary>The store that the request means.</summary>
    private async Task<StoreOperations> StoreOf(IMessage request, string service, string municipality, ServerCallContext context)
    {
        var runtime = Checked(request, service, context, (found, checks) => checks.Require(
            municipality.Length == 0 || found is null or { HasTenantStores: true },
            "municipality", "The service holds nothing per municipality; leave it empty for its platform store."));
        return runtime.Operations(municipality.Length == 0 ? null : await AdmitAsync(runtime, municipality, context));
    }

    private static ValueTask<TenantId> AdmitAsync(ServiceRuntime runtime, string municipality, ServerCallContext context) =>
        runtime.AdmitAsync(CallAccess.CallerOf(context), TenantId.Parse(municipality), context.Method, context.CancellationToken);

    private static OperatorCall Call(IMessage request, string requestId, ServerCallContext context) => new(
        request, Ids.Parse(requestId), context.Method,
        WriteInfo.Capture(CallAccess.CallerOf(context), context.Deadline, context.CancellationToken));

    private static ParkedItem ToMessage(ParkedEvent parked)
    {
        var item = new ParkedItem
        {
            ParkedId = parked.ParkedId, Subject = parked.SubjectForOperators, Reason = parked.Reason,
            ParkedAt = Timestamp.FromDateTimeOffset(parked.ParkedAt), Event = Audience.AsSeenByOperators(parked.Event),
        };
        // What is no event may be anything, also somebody's data.
        if (parked.Reason == ParkReason.Unreadable) item.Event.Data = null;
        return item;
    }
}
