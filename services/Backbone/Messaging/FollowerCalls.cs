using System.Collections.Concurrent;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>Calls that followers make to other services: they read logs, and reactions ask for what they need before they apply an event.</summary>
internal sealed class FollowerCalls(IServiceProvider services, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, CallsToService> _services = new();

    /// <summary>Those to one service.</summary>
    public CallsToService To(string service) => _services.GetOrAdd(
        service, name => new CallsToService(name, clock, () => services.GetRequiredService<ServiceRuntimes>().RetryHeldBack()));
}

/// <summary>
/// Calls of followers to one service, as many at a time as there are followers. When one fails, or when several wait and none is
/// answered, only one is left at a time until one is answered: the others are refused at once and are held back outside the turns of
/// their worker. Otherwise a service that hangs would take all the turns, and the events of every other service would wait.
/// </summary>
/// <param name="service">The service that is called.</param>
/// <param name="clock">Whose timer looks for silence.</param>
/// <param name="answersAgain">Called when calls are let through again.</param>
internal sealed class CallsToService(string service, TimeProvider clock, Action answersAgain)
{
    /// <summary>When several calls wait for so long and none is answered, the service is taken to hang.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(2);

    /// <summary>Between a call that failed and the next one.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    /// <summary>The oldest is the first.</summary>
    private readonly List<FollowerCall> _open = [];

    private ITimer? _silence;
    private long _lastAnswer = clock.GetTimestamp();
    private long? _lastFailure;
    private bool _oneAtATime;
    private bool _failed;

    /// <summary>A call begins.</summary>
    /// <exception cref="RpcException">UNAVAILABLE, with SERVICE_UNREACHABLE: another call to the service waits, or failed just now.</exception>
    public FollowerCall Begin(CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_oneAtATime && (_open.Count > 0 || MustRest)) throw Unreachable();
            var call = new FollowerCall(this, clock.GetTimestamp(), cancel);
            _open.Add(call);
            if (_open.Count > 1 && _silence is null) LookForSilenceIn(LongestSilence);
            return call;
        }
    }

    /// <summary>The service answers another question, such as for its health: the next call need not rest any longer.</summary>
    /// <returns>Whether a call failed since this was last said.</returns>
    public bool TakeFailed()
    {
        lock (_gate)
        {
            var failed = _failed;
            (_failed, _lastFailure) = (false, null);
            return failed;
        }
    }

    /// <summary>What a call that gave way to another, or never began, is told.</summary>
    internal RpcException Unreachable() => Refusal.Of(ErrorReason.ServiceUnreachable, $"{service} cannot be asked now.").ToRpcException();

    internal void Answered()
    {
        bool again;
        lock (_gate)
        {
            again = _oneAtATime;
            (_oneAtATime, _lastFailure, _lastAnswer) = (false, null, clock.GetTimestamp());
        }

        if (again) answersAgain();
    }

    internal void Failed(FollowerCall call, StatusCode status)
    {
        lock (_gate)
        {
            _failed = true;
            // It answers others meanwhile: only what this call asks for hangs.
            if (status == StatusCode.DeadlineExceeded && _lastAnswer > call.Began) return;
            (_oneAtATime, _lastFailure) = (true, clock.GetTimestamp());
        }
    }

    internal void End(FollowerCall call)
    {
        lock (_gate) _open.Remove(call);
    }

    private bool MustRest => _lastFailure is { } failed && clock.GetElapsedTime(failed) < AskAgainAfter;

    private void LookForSilenceIn(TimeSpan time) => _silence = clock.CreateTimer(_ => LookForSilence(), null, time, Timeout.InfiniteTimeSpan);

    private void LookForSilence()
    {
        List<FollowerCall> others;
        lock (_gate)
        {
            _silence?.Dispose();
            _silence = null;
            // One alone takes one turn, and perhaps only what it asks for is slow.
            if (_open.Count < 2) return;
            var left = LongestSilence - clock.GetElapsedTime(Math.Max(_open[1].Began, _lastAnswer));
            if (left > TimeSpan.Zero)
            {
                LookForSilenceIn(left);
                return;
            }

            _oneAtATime = true;
            others = _open[1..];
            _open.RemoveRange(1, others.Count);
        }

        foreach (var other in others) other.GiveWay();
    }
}

/// <summary>One call of a follower to another service.</summary>
/// <param name="calls">All calls to that service.</param>
/// <param name="began">When it began.</param>
/// <param name="cancel">Cancelled when nobody waits for it any more.</param>
internal sealed class FollowerCall(CallsToService calls, long began, CancellationToken cancel)
{
    // Not disposed of, so that it can be cancelled at any moment: it holds nothing.
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _gaveWay;

    /// <summary>When it began.</summary>
    public long Began => began;

    /// <summary>Cancelled when nobody waits for it any more, or when it gives way to another call.</summary>
    public CancellationToken Cancel => _ended.Token;

    /// <summary>Waits for the answer and tells what became of it.</summary>
    /// <exception cref="RpcException">As the call failed; UNAVAILABLE, with SERVICE_UNREACHABLE, when it gave way to another one.</exception>
    public async Task<T> AnswerAsync<T>(Task<T> answer)
    {
        try
        {
            await using (cancel.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended))
            {
                var answered = await answer;
                calls.Answered();
                return answered;
            }
        }
        catch (RpcException error) when (_gaveWay && error.StatusCode == StatusCode.Cancelled)
        {
            throw calls.Unreachable();
        }
        catch (RpcException error)
        {
            if (IsNoAnswer(error)) calls.Failed(this, error.StatusCode);
            else if (error.StatusCode != StatusCode.Cancelled) calls.Answered();
            throw;
        }
        finally
        {
            calls.End(this);
        }
    }

    internal void GiveWay()
    {
        _gaveWay = true;
        _ended.Cancel();
    }

    // A service answers for each of its stores: one that is out of service says nothing of the others.
    private static bool IsNoAnswer(RpcException error) =>
        error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded
        && RefusalStatus.ReasonOf(error) is not (ErrorReason.StoreQuarantined or ErrorReason.StoreFailing);
}

/// <summary>Makes each call of a client one of a follower.</summary>
internal sealed class FollowerCallsOnly(CallsToService calls) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var begun = calls.Begin(context.Options.CancellationToken);
        try
        {
            var call = continuation(request, new ClientInterceptorContext<TRequest, TResponse>(
                context.Method, context.Host, context.Options.WithCancellationToken(begun.Cancel)));
            return new AsyncUnaryCall<TResponse>(
                begun.AnswerAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }
        catch
        {
            calls.End(begun);
            throw;
        }
    }
}
