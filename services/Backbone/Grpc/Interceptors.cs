using System.Diagnostics;
using System.Globalization;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>Outermost: turns refusals into statuses, and everything unforeseen into INTERNAL with only a trace id.</summary>
public sealed class RefusalInterceptor(OpenStreams streams, RefusedCalls refusals, CallLimits limits, ILogger<RefusalInterceptor> log)
    : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, async () =>
        {
            var call = OpenCall.Of(context);
            try
            {
                await limits.TakeTurnAsync(call, context.Method, call.MessageLength, context.CancellationToken);
                return await continuation(request, context);
            }
            finally
            {
                call.EndTurn();
            }
        });

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardStream(context, () => continuation(request, responseStream, context));

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardStream(context, () => continuation(new ReadableStream<TRequest>(requestStream, context, limits), responseStream, context));

    /// <inheritdoc/>
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        Guard(context, () => continuation(new ReadableStream<TRequest>(requestStream, context, limits), context));

    private Task GuardStream(ServerCallContext context, Func<Task> call)
    {
        streams.Add(context);
        return Guard(context, async () => { await call(); return true; });
    }

    private async Task<T> Guard<T>(ServerCallContext context, Func<Task<T>> call)
    {
        OpenCall.Of(context).NoteRead();
        try
        {
            return await call();
        }
        catch (RefusalException refused)
        {
            refusals.Note(context.Method, refused.Refusal.Reason);
            throw refused.Refusal.ToRpcException();
        }
        // gRPC throws the other two where a message is written or read after the caller went away.
        catch (Exception error) when (context.CancellationToken.IsCancellationRequested
            && error is OperationCanceledException or InvalidOperationException or IOException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller went away."));
        }
        catch (RpcException error)
        {
            // Another service's, as it is.
            refusals.Note(context.Method, RefusalStatus.ReasonOf(error));
            throw;
        }
        catch (Exception error)
        {
            refusals.Note(context.Method, ErrorReason.Unexpected);
            log.LogError("{Method} failed unexpectedly in trace {TraceId}: {Fault}", context.Method, Activity.Current?.TraceId, FaultText.Of(error));
            throw RefusalStatus.Unexpected(Activity.Current);
        }
    }
}

/// <summary>
/// The requests of a stream, as fast as its client may send them. Of what cannot be read it says which message it was.
/// </summary>
internal sealed class ReadableStream<TRequest>(IAsyncStreamReader<TRequest> requests, ServerCallContext context, CallLimits limits)
    : IAsyncStreamReader<TRequest>
{
    private readonly OpenCall _call = OpenCall.Of(context);
    private long _read;

    /// <inheritdoc/>
    public TRequest Current => requests.Current;

    /// <inheritdoc/>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _read++;
        if (!await ReadAsync(cancellationToken)) return false;
        using var turn = await limits.TakeMessageAsync(_call.Caller, _call.MessageLength, cancellationToken);
        return true;
    }

    private async ValueTask<bool> ReadAsync(CancellationToken cancel)
    {
        try
        {
            return await requests.MoveNext(cancel);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var place = new Dictionary<string, string> { ["message"] = _read.ToString(CultureInfo.InvariantCulture) };
            var refusal = CallAccess.UnreadOf(_call, (error as RpcException)?.StatusCode ?? StatusCode.Internal);
            throw (refusal with { Metadata = place }).ToException();
        }
    }

    // gRPC says INTERNAL of a broken frame, RESOURCE_EXHAUSTED of a long one, and throws what it likes of its flags.
    private static bool IsUnreadable(Exception error) => error is InvalidDataException or IOException
        || error is RpcException { StatusCode: StatusCode.Internal or StatusCode.Unknown }
        || (error is RpcException refused && RefusalStatus.ReasonOf(refused) == ErrorReason.MessageUnreadable)
        || (error is RpcException { StatusCode: StatusCode.ResourceExhausted } large
            && RefusalStatus.ReasonOf(large) == ErrorReason.Unspecified);
}
