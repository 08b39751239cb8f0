using System.Diagnostics;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>Outermost: turns refusals into statuses, and everything unforeseen into INTERNAL with only a trace id.</summary>
public sealed class RefusalInterceptor(OpenStreams streams, ILogger<RefusalInterceptor> log) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => continuation(request, context));

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardStream(context, () => continuation(request, responseStream, context));

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardStream(context, () => continuation(requestStream, responseStream, context));

    /// <inheritdoc/>
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => continuation(requestStream, context));

    private Task GuardStream(ServerCallContext context, Func<Task> call)
    {
        streams.Add(context);
        return Guard(context, async () => { await call(); return true; });
    }

    private async Task<T> Guard<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RefusalException refused)
        {
            Instruments.Refused(context.Method, refused.Refusal.Reason);
            throw refused.Refusal.ToRpcException();
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller went away."));
        }
        catch (RpcException error)
        {
            // Another service's, as it is.
            Instruments.Refused(context.Method, RefusalStatus.ReasonOf(error));
            throw;
        }
        catch (Exception error)
        {
            Instruments.Refused(context.Method, ErrorReason.Unexpected);
            log.LogError("{Method} failed unexpectedly in trace {TraceId}: {Fault}", context.Method, Activity.Current?.TraceId, FaultText.Of(error));
            throw RefusalStatus.Unexpected(Activity.Current);
        }
    }
}

/// <summary>Who calls, and whether this kind of organisation may: before any store is touched.</summary>
public sealed class AccessInterceptor(TokenValidator tokens) : Interceptor
{
    private static readonly object CallerKey = new();

    /// <summary>The caller of this call.</summary>
    public static Caller CallerOf(ServerCallContext context) => (Caller)context.UserState[CallerKey];

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        await AdmitAsync(context);
        return await continuation(request, context);
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await AdmitAsync(context);
        await continuation(request, responseStream, context);
    }

    /// <inheritdoc/>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await AdmitAsync(context);
        await continuation(requestStream, responseStream, context);
    }

    /// <inheritdoc/>
    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await AdmitAsync(context);
        return await continuation(requestStream, context);
    }

    private async ValueTask AdmitAsync(ServerCallContext context)
    {
        if (!Access.Knows(context.Method)) return;
        const string scheme = "Bearer ";
        // Not RequestHeaders, which copies every header of every call.
        string? header = context.GetHttpContext().Request.Headers.Authorization;
        var caller = header is not null && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? tokens.Known(header.AsSpan(scheme.Length)) ?? await tokens.ValidateAsync(header[scheme.Length..])
            : null;
        if (caller is null) throw Refusal.Of(ErrorReason.NotAuthenticated, "A valid access token is needed.").ToException();
        if (!Access.Allows(context.Method, caller.Kind))
        {
            throw Refusal.Of(ErrorReason.KindNotAllowed, $"{Caller.KindName(caller.Kind)} may not call {context.Method}.").ToException();
        }

        context.UserState[CallerKey] = caller;
    }
}
