namespace BeschutWerk.Host.Demo.History;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): sixty-four bits of state and whole numbers only, so that a seed gives the same
/// history on every runtime and processor. System.Random promises that for no version but its own, and
/// floating-point logarithms for no two C libraries.
/// </summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    /// <summary>The next sixty-four bits.</summary>
    public ulong Bits()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A generator of its own for one stage, so that a change in one stage does not reshuffle the next.</summary>
    public SplitMix Fork() => new(Bits());

    /// <summary>A whole number from 0 up to, not including, <paramref name="count"/>.</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)Math.BigMul(Bits(), (ulong)count, out _);
    }

    /// <summary>A whole number from <paramref name="low"/> up to and including <paramref name="high"/>.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True in <paramref name="times"/> of <paramref name="outOf"/> cases.</summary>
    public bool Chance(int times, int outOf) => Below(outOf) < times;

    /// <summary>One of the items.</summary>
    public T One<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>The items in a random order.</summary>
    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
        return list;
    }

    /// <summary><paramref name="count"/> different items; fails when there are fewer.</summary>
    public List<T> Sample<T>(IEnumerable<T> items, int count)
    {
        var list = Shuffled(items);
        return list.Count >= count
            ? list.GetRange(0, count)
            : throw new InvalidOperationException($"The history needs {count} people here and has {list.Count}.");
    }
}
