using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>How one source is followed by one inbox, in the memory of this process.</summary>
internal sealed class Follower(SourceKey key) : KeyedWork
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The same while the producer does not answer. It is asked once a second for all its sources, so that waiting
    /// longer spares nothing; and one that dies again and again, or for a moment, is not waited for when it is back.
    /// </summary>
    private static readonly TimeSpan LongestUnreachable = TimeSpan.FromSeconds(2);

    private readonly Lock _arriving = new();
    private List<Arrival> _arrived = [];
    private int _wantsPull;

    public SourceKey Key { get; } = key;

    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>How far was applied, as far as this process knows; null: read it.</summary>
    public Sources.Mark? Mark { get; set; }

    /// <summary>Whether this process has begun to handle the source.</summary>
    public bool Started { get; set; }

    /// <summary>How many events are still handled one by one, because an earlier start did not get past one of them.</summary>
    public int Careful { get; set; }

    public bool IsToBeCounted => !Started || Careful > 0;

    /// <summary>Whether there is more than was applied, as far as this process knows; also while it is being applied.</summary>
    public bool IsBehind => !IsIdle || Gate.CurrentCount == 0;

    /// <summary>The log is to be read, whatever has arrived.</summary>
    public void WantPull() => Volatile.Write(ref _wantsPull, 1);

    public bool TakePull() => Interlocked.Exchange(ref _wantsPull, 0) != 0;

    public void Arrive(Arrival arrived)
    {
        lock (_arriving) _arrived.Add(arrived);
    }

    public List<Arrival> TakeArrived()
    {
        lock (_arriving)
        {
            // Never the list that still grows: who takes it settles all that is in it.
            if (_arrived.Count == 0) return [];
            var taken = _arrived;
            _arrived = [];
            return taken;
        }
    }

    /// <summary>Why it is held back and since when; null while it is not.</summary>
    public HeldBack? HeldBack { get; private set; }

    public override void Recovered()
    {
        HeldBack = null;
        base.Recovered();
    }

    /// <summary>Not now; then the log is read, which has what arrives meanwhile.</summary>
    /// <returns>For how long, and whether that is news.</returns>
    public (TimeSpan Delay, bool IsNew) HoldBack(string fault, DateTimeOffset now)
    {
        var isNew = HeldBack?.Fault != fault;
        HeldBack = new HeldBack(fault, HeldBack?.Since ?? now);
        WantPull();
        return (NextRest(fault == RefusalStatus.NameOf(ErrorReason.ServiceUnreachable) ? LongestUnreachable : Longest), isNew);
    }
}

/// <summary>Why a source is not applied now.</summary>
/// <param name="Fault">Name of what failed.</param>
/// <param name="Since">Its first failure.</param>
internal sealed record HeldBack(string Fault, DateTimeOffset Since);

/// <summary>An event that a broker delivered.</summary>
/// <param name="Settled">To be called once it is applied, or known to be in the log that will be read.</param>
internal readonly record struct Arrival(CloudEvent Event, Action Settled);
