using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using Google.Protobuf;
using Grpc.Core;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>What a use case or reaction may do before its transaction: read, ask other services, catch up.</summary>
/// <typeparam name="TTenant">Store of one municipality.</typeparam>
/// <typeparam name="TPlatform">Store of what belongs to no municipality.</typeparam>
public sealed class CallScope<TTenant, TPlatform> where TTenant : StoreContext where TPlatform : StoreContext
{
    private readonly ServiceRuntime<TTenant, TPlatform> _runtime;
    private readonly TenantId? _municipality;

    internal CallScope(ServiceRuntime<TTenant, TPlatform> runtime, Caller caller, TenantId? municipality, Guid requestId, CancellationToken cancel) =>
        (_runtime, Caller, _municipality, RequestId, Cancel) = (runtime, caller, municipality, requestId, cancel);

    /// <summary>Who acts.</summary>
    public Caller Caller { get; }

    /// <summary>The municipality that the call or event concerns.</summary>
    public TenantId Municipality => _municipality
        ?? throw Refusal.Fields([new Contracts.Backbone.FieldViolation { Field = "municipality", Description = "Must be given." }]).ToException();

    /// <summary>The day in Europe/Amsterdam.</summary>
    public DateOnly Today => _runtime.Clock.Today();

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Cancel { get; }

    /// <summary>Services of the process, such as configuration.</summary>
    public IServiceProvider Services => _runtime.Services;

    /// <summary>The log of this municipality as a feed.</summary>
    public EventFeed Feed => _runtime.Feed(Municipality);

    internal Guid RequestId { get; }

    /// <summary>Set for a reaction: the services that it asks may hang, and must not hold up the events of others.</summary>
    internal FollowerCalls? Followers { get; init; }

    /// <summary>A read of this municipality's store.</summary>
    public Task<T> ReadAsync<T>(Func<ReadSession<TTenant>, T> read) => ReadAsync(Municipality, read);

    /// <summary>A read of another municipality's store of this service.</summary>
    public async Task<T> ReadAsync<T>(TenantId tenant, Func<ReadSession<TTenant>, T> read)
    {
        await _runtime.RequireKnownAsync(tenant, Cancel);
        return _runtime.TenantStores.Get(tenant).Read(Caller, read, Cancel);
    }

    /// <summary>A read of the platform store.</summary>
    public Task<T> ReadPlatformAsync<T>(Func<ReadSession<TPlatform>, T> read) => 
        Task.FromResult(_runtime.PlatformStore.Read(Caller, read, Cancel));

    /// <summary>A durable write of the platform store, before the call's own transaction.</summary>
    public Task<T> WritePlatformAsync<T>(Func<WriteSession<TPlatform>, T> write) =>
        _runtime.PlatformStore.WriteAsync(WriteInfo.Capture(Caller, cancel: Cancel), write);

    /// <summary>A durable write of a municipality's store, before the call's own transaction.</summary>
    public async Task<T> WriteTenantAsync<T>(TenantId tenant, Func<WriteSession<TTenant>, T> write)
    {
        await _runtime.RequireKnownAsync(tenant, Cancel);
        return await _runtime.TenantStores.Get(tenant).WriteAsync(WriteInfo.Capture(Caller, cancel: Cancel), write);
    }

    /// <summary>Applies everything that a service has raised about this municipality to its store here, now.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public Task CatchUpAsync(string service) => CatchUpAsync(service, Municipality);

    /// <summary>The same about another municipality.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public Task CatchUpAsync(string service, TenantId tenant) => _runtime.TenantInbox.CatchUpAsync(new SourceKey(service, tenant), Cancel);

    /// <summary>Applies everything that a service has raised about this municipality to the platform store here, now.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE.</exception>
    public Task CatchUpPlatformAsync(string service) => _runtime.PlatformInbox.CatchUpAsync(new SourceKey(service, Municipality), Cancel);

    /// <summary>A client of another service: address and token from configuration, with deadline and retries.</summary>
    public T Client<T>() where T : ClientBase => Followers is { } followers
        ? PlatformClients.Of(_runtime.Services).Get<T>(_runtime.Name, followers)
        : PlatformClients.Of(_runtime.Services).Get<T>(_runtime.Name);

    /// <summary>What tells this call from another under the same request_id: who calls, and with which body.</summary>
    public byte[] DigestOf(IMessage request) => _runtime.TenantStores.Get(Municipality).KeyOf(Caller, RequestId, "", request).Digest;

    /// <summary>The same id for the same call and purpose, so that a retry repeats the same call. Another caller's is another one.</summary>
    public Guid DerivedId(string purpose) => Caller.IdFor(RequestId, purpose);
}
