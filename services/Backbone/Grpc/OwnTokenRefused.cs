using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// A neighbour that does not take this service's own token is told to callers as a neighbour that cannot be reached. Passed on, its
/// refusal would say that the token of the caller is wrong. The token may have been taken back: the next call shows another one.
/// </summary>
internal sealed class OwnTokenRefused(string neighbour, Action refusedOwn, ILogger log) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return new AsyncUnaryCall<TResponse>(
            AnswerAsync(call.ResponseAsync, context.Method.FullName),
            call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private async Task<TResponse> AnswerAsync<TResponse>(Task<TResponse> answer, string method)
    {
        try
        {
            return await answer;
        }
        catch (RpcException refused) when (
            refused.StatusCode == StatusCode.Unauthenticated || RefusalStatus.ReasonOf(refused) == ErrorReason.KindNotAllowed)
        {
            log.LogError("{Neighbour} does not take our token at {Method}: {Status}", neighbour, method, refused.StatusCode);
            if (refused.StatusCode == StatusCode.Unauthenticated) refusedOwn();
            throw Refusal.Of(ErrorReason.ServiceUnreachable, $"{neighbour} does not answer the service that asks it.").ToRpcException();
        }
    }
}
