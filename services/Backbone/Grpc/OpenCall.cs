using System.IO.Pipelines;
using System.Threading.RateLimiting;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using Microsoft.AspNetCore.Http;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// One call from its headers to its end: who makes it, whether its message has come, and what it holds of the limits. A message that
/// does not come in time is not waited for.
/// </summary>
/// <param name="body">What gRPC reads its messages from.</param>
internal sealed class OpenCall(PipeReader body) : IDisposable
{
    private static readonly object Key = new();

    private readonly Lock _gate = new();
    private Timer? _timer;
    private TimeSpan _within;
    private bool _arrived;
    private RateLimitLease? _place, _turnOfMethod, _turnOfClient, _turnAtMunicipality;

    /// <summary>Who calls; null where no token is asked.</summary>
    public Caller? Caller { get; set; }

    /// <summary>Somebody of ours has the call: they say why it is refused.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Its message did not come in time.</summary>
    public bool IsLate { get; private set; }

    /// <summary>The call of a request that is served.</summary>
    public static OpenCall Of(HttpContext http)
    {
        var call = new OpenCall(http.Request.BodyReader);
        http.Items[Key] = call;
        return call;
    }

    /// <summary>The call that a context belongs to.</summary>
    public static OpenCall Of(global::Grpc.Core.ServerCallContext context) => (OpenCall)context.UserState[Key];

    /// <summary>From here on a message must come within this time.</summary>
    public void Expect(TimeSpan within)
    {
        _within = within;
        // Of this machine, not the platform's clock, which is a day later in some tests and not on any network.
        _timer = new Timer(static call => ((OpenCall)call!).End(), this, within, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Somebody of ours has the call; of a stream the first message may still have to come.</summary>
    public void NoteRead(bool hasMessage)
    {
        IsRead = true;
        if (hasMessage) NoteMessage();
    }

    /// <summary>Its message has come.</summary>
    public void NoteMessage()
    {
        // Under the same lock as the end: behind this call the body may be that of another.
        lock (_gate) _arrived = true;
        _timer?.Dispose();
    }

    /// <summary>Why a call is refused whose message did not come.</summary>
    public Refusal TooLate() => Refusal.Of(ErrorReason.DeadlinePassed, $"No message came within {_within.TotalSeconds:0.###} seconds.");

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
        NoteMessage();
        _place?.Dispose();
    }

    private void End()
    {
        lock (_gate)
        {
            if (_arrived) return;
            IsLate = true;
            body.CancelPendingRead();
        }
    }
}
