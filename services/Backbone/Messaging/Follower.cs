using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>How one source is followed by one inbox, in the memory of this process.</summary>
internal sealed class Follower(SourceKey key)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock _arriving = new();
    private List<Arrival> _arrived = [];
    private int _woken;
    private int _wantsPull;
    private int _held;
    private int _failures;
    private int _looks;

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
    public bool IsBehind => Volatile.Read(ref _woken) != 0 || Volatile.Read(ref _failures) > 0 || Gate.CurrentCount == 0;

    /// <summary>Whether it waits until what held it back may be over; then it reads the log.</summary>
    public bool IsHeldBack => Volatile.Read(ref _held) != 0;

    public bool TryWake() => Interlocked.Exchange(ref _woken, 1) == 0;

    /// <summary>The log is to be read, whatever has arrived.</summary>
    public void WantPull() => Volatile.Write(ref _wantsPull, 1);

    public bool TakePull() => Interlocked.Exchange(ref _wantsPull, 0) != 0;

    public void Arrive(params IEnumerable<Arrival> arrived)
    {
        lock (_arriving) _arrived.AddRange(arrived);
    }

    public List<Arrival> TakeArrived()
    {
        lock (_arriving)
        {
            var taken = _arrived;
            if (taken.Count > 0) _arrived = [];
            return taken;
        }
    }

    /// <summary>Whether nobody plans yet to look once more at what waits.</summary>
    public bool TryPlanLook() => Interlocked.Exchange(ref _looks, 1) == 0;

    public void LookCame() => Volatile.Write(ref _looks, 0);

    public void Release() => Volatile.Write(ref _held, 0);

    public void Taken() => Volatile.Write(ref _woken, 0);

    /// <summary>Why it is held back and since when; null while it is not.</summary>
    public HeldBack? HeldBack { get; private set; }

    public void Recovered()
    {
        HeldBack = null;
        Volatile.Write(ref _failures, 0);
    }

    public TimeSpan HoldBack(string fault, DateTimeOffset now)
    {
        HeldBack = new HeldBack(fault, HeldBack?.Since ?? now);
        Volatile.Write(ref _held, 1);
        var failures = Interlocked.Increment(ref _failures);
        var delay = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(failures, 12)));
        return delay < Longest ? delay : Longest;
    }
}

/// <summary>Why a source is not applied now.</summary>
/// <param name="Fault">Name of what failed.</param>
/// <param name="Since">Its first failure.</param>
internal sealed record HeldBack(string Fault, DateTimeOffset Since);

/// <summary>An event that a broker delivered.</summary>
internal sealed class Arrival(CloudEvent arrived)
{
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _waits;

    public CloudEvent Event { get; } = arrived;

    /// <summary>It waits for one that was published before it.</summary>
    public void Wait() => _waits ??= Environment.TickCount64;

    /// <summary>Whether it has waited that long.</summary>
    public bool HasWaited(TimeSpan time) => Environment.TickCount64 - _waits >= (long)time.TotalMilliseconds;

    /// <summary>Completes when the broker may forget it: it is applied, or known to be in the log that will be read.</summary>
    public Task Settled => _settled.Task;

    public void Settle() => _settled.TrySetResult();
}
