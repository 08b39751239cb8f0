using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Grpc.Core;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// What every RPC of a service has in common: field rules, municipality, idempotency, queue, transaction, answer. A gRPC
/// class says only which use case runs in which kind of session, and what that checks across the fields (<c>across</c>): it is
/// answered in one with what breaks the field rules, and never of a call that was answered before.
/// </summary>
/// <typeparam name="TTenant">Store of one municipality.</typeparam>
/// <typeparam name="TPlatform">Store of what belongs to no municipality.</typeparam>
public sealed class Calls<TTenant, TPlatform>(ServiceRuntime<TTenant, TPlatform> runtime, CallLimits limits)
    where TTenant : StoreContext where TPlatform : StoreContext
{
    /// <summary>A write in the store of <c>request.municipality</c>, once per <c>request_id</c>.</summary>
    public async Task<TResponse> Write<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, WriteSession<TTenant>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new()
    {
        var scope = await AdmitAsync(request, context, across);
        return await Once(Store(scope), scope, request, context, run, across);
    }

    /// <summary>The same; nobody is refused for what has only not arrived here yet: once caught up, it is tried again.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: who would know cannot be asked now.</exception>
    public async Task<TResponse> Write<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, WriteSession<TTenant>, TResponse> run, MayBeLate mayBeLate,
        AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new()
    {
        var scope = await AdmitAsync(request, context, across);
        try
        {
            return await Once(Store(scope), scope, request, context, run, across);
        }
        catch (RefusalException refused) when (refused.Refusal.Reason == mayBeLate.Reason)
        {
            await scope.CatchUpAsync(mayBeLate.Service);
            return await Once(Store(scope), scope, request, context, run);
        }
    }

    /// <summary>
    /// The same, after preparing outside the transaction. What was answered before is not prepared again. What was prepared is
    /// disposed of when the call ends, however it ends. That waits for nothing: what was stored would be answered with its failure.
    /// </summary>
    public async Task<TResponse> Write<TRequest, TPrepared, TResponse>(
        TRequest request, ServerCallContext context,
        Func<TRequest, CallScope<TTenant, TPlatform>, Task<TPrepared>> prepare, Func<TRequest, TPrepared, WriteSession<TTenant>, TResponse> run,
        AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new()
    {
        var scope = await AdmitAsync(request, context, across);
        if (Answered<TTenant, TRequest, TResponse>(Store(scope), scope, request, context) is { } earlier) return earlier;
        RequestChecks.RequireAcross(request, across);
        TPrepared prepared;
        try
        {
            prepared = await prepare(request, scope);
        }
        catch (Exception error) when (error is RefusalException or RpcException)
        {
            // The first try of the same call may have been answered meanwhile: what it did may be why this one is refused.
            if (Answered<TTenant, TRequest, TResponse>(Store(scope), scope, request, context) is { } meanwhile) return meanwhile;
            throw;
        }

        try
        {
            return await Once(Store(scope), scope, request, context, (r, session) => run(r, prepared, session));
        }
        finally
        {
            (prepared as IDisposable)?.Dispose();
        }
    }

    /// <summary>The same; what the answer says beside what was stored is found after the commit, also when the call is repeated.</summary>
    public async Task<TResponse> Write<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, WriteSession<TTenant>, TResponse> run,
        Func<TRequest, TResponse, CallScope<TTenant, TPlatform>, Task> complete, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new()
    {
        var scope = await AdmitAsync(request, context, across);
        var response = await Once(Store(scope), scope, request, context, run, across);
        await complete(request, response, scope);
        return response;
    }

    /// <summary>A write whose own key is for good, so that it needs no row in <c>requests</c>: the use case looks it up itself.</summary>
    public async Task<TResponse> WriteKeyed<TRequest, TPrepared, TResponse>(
        TRequest request, ServerCallContext context,
        Func<TRequest, CallScope<TTenant, TPlatform>, Task<TPrepared>> prepare, Func<TRequest, TPrepared, WriteSession<TTenant>, TResponse> run)
        where TRequest : class, IMessage<TRequest>
    {
        var scope = await AdmitAsync(request, context);
        var prepared = await prepare(request, scope);
        return await Store(scope).WriteAsync(Info(context), session => run(request, prepared, session), here: true);
    }

    /// <summary>A write in the platform store, once per <c>request_id</c>.</summary>
    public async Task<TResponse> WritePlatform<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, WriteSession<TPlatform>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new()
    {
        var scope = ScopeOf(request, context, across);
        return await Once(runtime.PlatformStore, scope, request, context, run, across);
    }

    /// <summary>The same, after preparing outside the transaction.</summary>
    public async Task<TResponse> WritePlatform<TRequest, TPrepared, TResponse>(
        TRequest request, ServerCallContext context,
        Func<TRequest, CallScope<TTenant, TPlatform>, Task<TPrepared>> prepare, Func<TRequest, TPrepared, WriteSession<TPlatform>, TResponse> run)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new()
    {
        var scope = ScopeOf(request, context);
        if (Answered<TPlatform, TRequest, TResponse>(runtime.PlatformStore, scope, request, context) is { } earlier) return earlier;
        var prepared = await prepare(request, scope);
        return await Once(runtime.PlatformStore, scope, request, context, (r, session) => run(r, prepared, session));
    }

    /// <summary>A read of the store of <c>request.municipality</c>.</summary>
    public async Task<TResponse> Read<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, ReadSession<TTenant>, TResponse> run)
        where TRequest : class, IMessage<TRequest>
    {
        var scope = await AdmitAsync(request, context);
        return Store(scope).Read(scope.Caller, session => run(request, session), context.CancellationToken);
    }

    /// <summary>The same, after what must be done before: what is read must be brought up to date first.</summary>
    public async Task<TResponse> Read<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<CallScope<TTenant, TPlatform>, Task> before, Func<TRequest, ReadSession<TTenant>, TResponse> run,
        AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest>
    {
        var scope = await AdmitAsync(request, context, across);
        RequestChecks.RequireAcross(request, across);
        await before(scope);
        return Store(scope).Read(scope.Caller, session => run(request, session), context.CancellationToken);
    }

    /// <summary>A read of the platform store.</summary>
    public Task<TResponse> ReadPlatform<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, ReadSession<TPlatform>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest>
    {
        var scope = ScopeOf(request, context, across);
        RequestChecks.RequireAcross(request, across);
        return Task.FromResult(runtime.PlatformStore.Read(scope.Caller, session => run(request, session), context.CancellationToken));
    }

    /// <summary>
    /// For one item of a stream: the municipality once it is known, served and the caller's own. Field rules of the item
    /// are checked by the stream.
    /// </summary>
    public async ValueTask<CallScope<TTenant, TPlatform>> AdmitItemAsync(string municipality, Guid itemId, ServerCallContext context)
    {
        var caller = CallAccess.CallerOf(context);
        var tenant = TenantId.Parse(municipality);
        RequireOwn(caller, tenant);
        runtime.RequireNoStranger(caller, tenant);
        await runtime.AdmitAsync(caller, tenant, context.Method, context.CancellationToken);
        return new CallScope<TTenant, TPlatform>(runtime, caller, tenant, itemId, context.CancellationToken);
    }

    /// <summary>A unary call of one item is about to work on its municipality: waits until it is its turn.</summary>
    public ValueTask TakeTurnAsync(ServerCallContext context, TenantId municipality) =>
        limits.TakeTurnAsync(OpenCall.Of(context), municipality, context.CancellationToken);

    /// <summary>Items of a stream are about to be stored, or refused, which needs no municipality: waits until it is their turn.</summary>
    public ValueTask TakeRowsAsync(ServerCallContext context, TenantId? municipality, int rows, CancellationToken cancel) =>
        limits.TakeRowsAsync(CallAccess.CallerOf(context), municipality, rows, cancel);

    /// <summary>Ends a stream once its caller is suspended; of other municipalities each item is refused by itself.</summary>
    public SuspensionWatch WatchSuspension(ServerCallContext context) =>
        new(runtime.Tenants, () => Suspension.OfCaller(runtime.Tenants, CallAccess.CallerOf(context)));

    /// <summary>The store of a municipality that was admitted.</summary>
    public StoreHandle<TTenant> Store(TenantId tenant) => runtime.TenantStores.Get(tenant);

    /// <summary>The day in Europe/Amsterdam.</summary>
    public DateOnly Today => runtime.Clock.Today();

    /// <summary>What an operation of this call must know of it.</summary>
    public static WriteInfo Info(ServerCallContext context) =>
        WriteInfo.Capture(CallAccess.CallerOf(context), context.Deadline, context.CancellationToken);

    private StoreHandle<TTenant> Store(CallScope<TTenant, TPlatform> scope) => Store(scope.Municipality);

    private async ValueTask<CallScope<TTenant, TPlatform>> AdmitAsync<TRequest>(
        TRequest request, ServerCallContext context, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest>
    {
        var scope = ScopeOf(request, context, across);
        await runtime.AdmitAsync(scope.Caller, scope.Municipality, context.Method, context.CancellationToken);
        await limits.TakeTurnAsync(OpenCall.Of(context), scope.Municipality, context.CancellationToken);
        return scope;
    }

    private CallScope<TTenant, TPlatform> ScopeOf<TRequest>(TRequest request, ServerCallContext context, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest>
    {
        var caller = CallAccess.CallerOf(context);
        RequestChecks.Require(request, caller, Today, across);

        TenantId? municipality = RequestFields<TRequest>.Municipality(request) is { Length: > 0 } code ? TenantId.Parse(code) : null;
        if (municipality is { } tenant)
        {
            RequireOwn(caller, tenant);
            runtime.RequireNoStranger(caller, tenant);
            // Also of what stands in the platform store, nobody asks for a municipality that is suspended as that municipality.
            var refusal = caller.Is(OrganisationKind.Municipality) ? Suspension.Of(runtime.Tenants, caller, tenant, context.Method) : null;
            if (refusal is not null) throw refusal.ToException();
        }

        var id = RequestFields<TRequest>.RequestId(request) is { Length: > 0 } text ? Ids.Parse(text) : Guid.Empty;
        return new CallScope<TTenant, TPlatform>(runtime, caller, municipality, id, context.CancellationToken);
    }

    private static void RequireOwn(Caller caller, TenantId tenant)
    {
        if (caller.Kind is OrganisationKind.Municipality or OrganisationKind.Citizen && !caller.Tenants.Contains(tenant.Code)) throw Refusal.UnknownTenant().ToException();
    }

    private static TResponse? Answered<TStore, TRequest, TResponse>(StoreHandle<TStore> store, CallScope<TTenant, TPlatform> scope, TRequest request, ServerCallContext context)
        where TStore : StoreContext where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new() =>
        new OneCall<TStore>(store, scope.Caller, scope.RequestId, context.Method, request).Answered<TResponse>();

    private static Task<TResponse> Once<TStore, TRequest, TResponse>(
        StoreHandle<TStore> store, CallScope<TTenant, TPlatform> scope, TRequest request, ServerCallContext context, Func<TRequest, WriteSession<TStore>, TResponse> run,
        AcrossFields<TRequest>? across = null)
        where TStore : StoreContext where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new() =>
        new OneCall<TStore>(store, scope.Caller, scope.RequestId, context.Method, request).WriteAsync(Info(context), session =>
        {
            RequestChecks.RequireAcross(request, across);
            return run(request, session);
        });
}

/// <summary>Why a use case may refuse only because a fact is still on its way.</summary>
/// <param name="Reason">The refusal.</param>
/// <param name="Service">Whose fact it is.</param>
public readonly record struct MayBeLate(ErrorReason Reason, string Service);

/// <summary>The two fields that every request may have, read without reflection per call.</summary>
internal static class RequestFields<TRequest> where TRequest : class, IMessage<TRequest>
{
    public static Func<TRequest, string> Municipality { get; } = Reader("Municipality");

    public static Func<TRequest, string> RequestId { get; } = Reader("RequestId");

    private static Func<TRequest, string> Reader(string property) =>
        typeof(TRequest).GetProperty(property)?.GetMethod?.CreateDelegate<Func<TRequest, string>>() ?? (_ => "");
}
