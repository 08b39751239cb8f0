using System.IO.Pipelines;
using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// One call from its headers to its end: who makes it, whether its message has come, and what it holds of the limits. A message that
/// does not come in time, or for which there is no room, is not waited for.
/// </summary>
internal sealed class OpenCall : IDisposable
{
    private static readonly object Key = new();

    /// <summary>Bytes of a message that may wait for its end without a room of its own.</summary>
    private const int LongWithoutRoom = 16 * 1024;

    /// <summary>Milliseconds.</summary>
    private const int TimerIsEarlyBy = 20;

    private readonly Lock _gate = new();
    private readonly CallBody _body;
    private Timer? _timer;
    private TimeSpan _within;
    private bool _waits, _hasOneMessage;
    private long _dueAt;
    private Func<OpenCall, long, RateLimitLease?>? _roomFor;
    private RateLimitLease? _place, _room, _turnOfMethod, _turnOfClient, _turnAtMunicipality;

    /// <param name="body">The body of its request.</param>
    public OpenCall(PipeReader body) => _body = new CallBody(body, this);

    /// <summary>Who calls; null where no token is asked.</summary>
    public Caller? Caller { get; set; }

    /// <summary>Somebody of ours has the call: they say why it is refused.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Why nobody waits for the rest of its message; null while somebody does.</summary>
    public Refusal? Halted { get; private set; }

    /// <summary>How many bytes its last message had as it came, compressed or not, and with what this program does not know.</summary>
    public long MessageLength { get; private set; }

    /// <summary>The call of a request that is served.</summary>
    public static OpenCall Of(HttpContext http)
    {
        var call = new OpenCall(http.Request.BodyReader);
        http.Features.Set<IRequestBodyPipeFeature>(call._body);
        http.Items[Key] = call;
        return call;
    }

    /// <summary>The call that a context belongs to.</summary>
    public static OpenCall Of(global::Grpc.Core.ServerCallContext context) => (OpenCall)context.UserState[Key];

    /// <summary>From here on a message must come within this time.</summary>
    /// <param name="within">Also for the rest of each later message of a stream, once part of it has come.</param>
    /// <param name="hasOneMessage">The client sends one message, and must say in that time, too, that this was all.</param>
    /// <param name="roomFor">Finds room for a message of so many bytes, part of which has come; refuses one that gets none.</param>
    public void Expect(TimeSpan within, bool hasOneMessage, Func<OpenCall, long, RateLimitLease?> roomFor)
    {
        (_within, _hasOneMessage, _roomFor, _waits, _dueAt) = (within, hasOneMessage, roomFor, true, DueAt(within));
        // Of this machine, not the platform's clock, which is a day later in some tests and not on any network.
        _timer = new Timer(static call => ((OpenCall)call!).End(), this, within, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Somebody of ours has the call, and its message where it has one.</summary>
    public void NoteRead()
    {
        IsRead = true;
        if (_hasOneMessage) StopWaiting();
    }

    /// <summary>A message has come whole.</summary>
    /// <param name="length">How many bytes came for it.</param>
    public void NoteMessage(long length)
    {
        MessageLength = length;
        if (!_hasOneMessage) StopWaiting();
    }

    /// <summary>The server waits for the client to say that its message was all: until then a long one stays in memory.</summary>
    public void AwaitEnd()
    {
        if (_hasOneMessage && _room is null && MessageLength > LongWithoutRoom) NotePart(MessageLength);
    }

    /// <summary>Part of a message has come, which will have so many bytes.</summary>
    public void NotePart(long length)
    {
        try
        {
            _room = _roomFor?.Invoke(this, length);
        }
        catch (RefusalException none)
        {
            Halt(none.Refusal);
        }
    }

    /// <summary>The server waits for the rest of a message.</summary>
    public void AwaitRest()
    {
        lock (_gate)
        {
            if (_waits) return;
            (_waits, _dueAt) = (true, DueAt(_within));
            _timer?.Change(_within, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Keeps a place until the call ends.</summary>
    public void Keep(RateLimitLease place) => _place = place;

    /// <summary>Keeps the turns of its client until the work is done.</summary>
    public void Hold(RateLimitLease ofMethod, RateLimitLease ofClient) => (_turnOfMethod, _turnOfClient) = (ofMethod, ofClient);

    /// <summary>Whether it has its turn at its municipality: a call may read more than once, and takes one turn.</summary>
    public bool HasTurnAtMunicipality => _turnAtMunicipality is not null;

    /// <summary>Keeps its turn at its municipality until the work is done.</summary>
    public void Hold(RateLimitLease atMunicipality) => _turnAtMunicipality = atMunicipality;

    /// <summary>The work is done; its answer may take long to be read by the client.</summary>
    public void EndTurn()
    {
        _turnAtMunicipality?.Dispose();
        _turnOfClient?.Dispose();
        _turnOfMethod?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StopWaiting();
        _timer?.Dispose();
        _place?.Dispose();
    }

    // Under the same lock as the end: behind this call the body may be that of another.
    private void StopWaiting()
    {
        lock (_gate) _waits = false;
        // The timer is left to run out: it finds nobody waiting. To stop and set it would cost each message of a stream.
        _room?.Dispose();
        _room = null;
    }

    private static long DueAt(TimeSpan within) => Environment.TickCount64 + (long)within.TotalMilliseconds - TimerIsEarlyBy;

    private void End()
    {
        lock (_gate)
        {
            // It may have gone off for a message that came, just before the next one began.
            if (_waits && Environment.TickCount64 >= _dueAt) Halt(Refusal.Of(ErrorReason.DeadlinePassed, $"No message came within {_within.TotalSeconds:0.###} seconds."));
        }
    }

    private void Halt(Refusal why)
    {
        Halted = why;
        try
        {
            _body.CancelPendingRead();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client went away meanwhile: Kestrel throws what it ended the body with, and nobody reads it any more.
        }
    }
}
