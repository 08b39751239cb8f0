using BeschutWerk.Backbone.Store;
using Google.Protobuf;
using Grpc.Core;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>The calls of a service that has only a platform store.</summary>
/// <typeparam name="TPlatform">Its store.</typeparam>
public sealed class PlatformCalls<TPlatform>(Calls<NoTenantStore, TPlatform> calls) where TPlatform : StoreContext
{
    /// <summary>The day in Europe/Amsterdam.</summary>
    public DateOnly Today => calls.Today;

    /// <summary>A write, once per <c>request_id</c>.</summary>
    public Task<TResponse> Write<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, WriteSession<TPlatform>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> where TResponse : class, IMessage<TResponse>, new() => calls.WritePlatform(request, context, run, across);

    /// <summary>A read.</summary>
    public Task<TResponse> Read<TRequest, TResponse>(
        TRequest request, ServerCallContext context, Func<TRequest, ReadSession<TPlatform>, TResponse> run, AcrossFields<TRequest>? across = null)
        where TRequest : class, IMessage<TRequest> => calls.ReadPlatform(request, context, run, across);
}
