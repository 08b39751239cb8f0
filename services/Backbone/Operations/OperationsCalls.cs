using System.Globalization;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
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
    private const int PageSize = 100;

    /// <inheritdoc/>
    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        // Opens stores that nobody asked for lately: on a thread of its own, for opening waits for the disk.
        Task.Run(() => ServiceStatus.Of(Checked(request, request.Service), transport, clock), context.CancellationToken);

    /// <inheritdoc/>
    public override async Task<ListParkedEventsResponse> ListParkedEvents(ListParkedEventsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        var most = request.PageSize == 0 ? PageSize : request.PageSize;
        var parked = store.ListParked(PageAfter(request.PageToken, 0), most);
        return new ListParkedEventsResponse
        {
            Parked = { parked.Select(ToMessage) },
            NextPageToken = parked.Count < most ? "" : $"{parked[^1].ParkedId}",
        };
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
    public override async Task<BackupStoreResponse> BackupStore(BackupStoreRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        return await store.BackUpAsync(Call(request, request.RequestId, context), backups);
    }

    /// <inheritdoc/>
    public override async Task<ListBackupsResponse> ListBackups(ListBackupsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        var most = request.PageSize == 0 ? PageSize : request.PageSize;
        // Ids sort by time; the token is the last id of the page before.
        var page = backups.List(store.Name).Where(backup => request.PageToken.Length == 0 || string.CompareOrdinal(backup.BackupId, request.PageToken) < 0).Take(most).ToList();
        return new ListBackupsResponse { Backups = { page }, NextPageToken = page.Count < most ? "" : page[^1].BackupId };
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
        var service = Checked(request, request.Service);
        var checks = new FieldChecks();
        checks.Require(request.Ids.Count > 0 != request.TraceId.Length > 0, "ids", "Give ids or trace_id.");
        checks.Require(request.TraceId.Length == 0 || (request.TraceId.Length == 32 && request.TraceId.All(char.IsAsciiHexDigitLower)), "trace_id", "Must be 32 hexadecimal digits.");
        checks.ThrowIfAny();
        if (request.Municipality.Length > 0) await service.AdmitAsync(TenantId.Parse(request.Municipality), alsoSuspended: true, context.CancellationToken);
        return request.ThisServiceOnly
            ? await Task.Run(() => FlowSearch.Here(service, request), context.CancellationToken)
            : await flows.EverywhereAsync(request, new CallOptions(deadline: context.Deadline, cancellationToken: context.CancellationToken));
    }

    /// <inheritdoc/>
    public override async Task<ListOperatorActsResponse> ListOperatorActs(ListOperatorActsRequest request, ServerCallContext context)
    {
        var store = await StoreOf(request, request.Service, request.Municipality, context);
        var most = request.PageSize == 0 ? PageSize : request.PageSize;
        var acts = store.ListActs(PageAfter(request.PageToken, long.MaxValue), most);
        return new ListOperatorActsResponse { Acts = { acts }, NextPageToken = acts.Count < most ? "" : $"{acts[^1].ActId}" };
    }

    private ServiceRuntime Checked(IMessage request, string service)
    {
        var violations = FieldRules.Check(request, clock.Today());
        if (violations.Count > 0) throw Refusal.Fields(violations).ToException();
        return services.Find(service.Length == 0 ? "municipalities" : service) ?? throw Wrong("service", "No such service here.");
    }

    /// <summary>The store that the request means; also of a suspended municipality, for that is when operators look.</summary>
    private async Task<StoreOperations> StoreOf(IMessage request, string service, string municipality, ServerCallContext context)
    {
        var runtime = Checked(request, service);
        if (municipality.Length == 0) return runtime.Operations(null);
        if (!runtime.HasTenantStores) throw Wrong("municipality", "The service holds nothing per municipality; leave it empty for its platform store.");
        return runtime.Operations(await runtime.AdmitAsync(TenantId.Parse(municipality), alsoSuspended: true, context.CancellationToken));
    }

    private static OperatorCall Call(IMessage request, string requestId, ServerCallContext context) => new(
        request, Ids.Parse(requestId), context.Method,
        WriteInfo.Capture(AccessInterceptor.CallerOf(context), context.Deadline, context.CancellationToken));

    private static long PageAfter(string token, long first) =>
        token.Length == 0 ? first
        : long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after
        : throw Wrong("page_token", "Is no token of this service.");

    private static RefusalException Wrong(string field, string description) =>
        Refusal.Fields([new FieldViolation { Field = field, Description = description }]).ToException();

    private static ParkedItem ToMessage(ParkedEvent parked)
    {
        var item = new ParkedItem
        {
            ParkedId = parked.ParkedId, Subject = parked.Subject, Reason = parked.Reason,
            ParkedAt = Timestamp.FromDateTimeOffset(parked.ParkedAt), Event = parked.Event,
        };
        // What is no event may be anything, also somebody's data.
        if (parked.Reason == ParkReason.Unreadable) item.Event.Data = null;
        return item;
    }
}
