using System.Diagnostics;

namespace BeschutWerk.Bench;

/// <summary>Times of one round, taken by many threads. Milliseconds.</summary>
/// <param name="most">As many as can come.</param>
internal sealed class Latencies(int most)
{
    private readonly double[] _taken = new double[most];
    private int _count;
    private double[]? _sorted;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Something that was to begin at a timestamp of the stopwatch is over now.</summary>
    public void Since(long begin) => _taken[Interlocked.Increment(ref _count) - 1] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;

    /// <summary>Such as 0.99; 1 is the longest.</summary>
    public double At(double share)
    {
        _sorted ??= [.. _taken.AsSpan(0, _count).ToArray().Order()];
        return _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Length) - 1, 0, _sorted.Length - 1)];
    }

    public override string ToString() => FormattableString.Invariant($"p50 {At(0.5):0.00}, p95 {At(0.95):0.00}, p99 {At(0.99):0.00}, max {At(1):0.00} ms of {Count}");
}
