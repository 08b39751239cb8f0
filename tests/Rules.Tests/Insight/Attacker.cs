namespace BeschutWerk.Rules.Tests.Insight;

/// <summary>
/// Somebody who knows sums of counts that are never negative, and takes from each sum what the others in it can be at least and
/// at most, until nothing new follows.
/// </summary>
internal sealed class Attacker<T> where T : notnull
{
    private const long Unbounded = 1_000_000;

    private readonly List<(HashSet<T> Of, long Total)> _sums = [];
    private readonly Dictionary<T, (long Least, long Most)> _bounds = [];

    public void Learns(IEnumerable<T> of, long total)
    {
        var cells = of.ToHashSet();
        foreach (var cell in cells) _bounds.TryAdd(cell, (0, Unbounded));
        _sums.Add((cells, total));
    }

    public void Concludes()
    {
        // Differences of two sums, one in the other, are sums too.
        foreach (var (whole, total) in _sums.ToList())
        {
            foreach (var (part, known) in _sums.Where(sum => sum.Of.Count < whole.Count && sum.Of.IsSubsetOf(whole)).ToList())
            {
                Learns(whole.Except(part), total - known);
            }
        }

        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (cells, total) in _sums)
            {
                var (least, most) = (cells.Sum(cell => _bounds[cell].Least), cells.Sum(cell => _bounds[cell].Most));
                foreach (var cell in cells)
                {
                    var before = _bounds[cell];
                    var (atLeast, atMost) = (total - (most - before.Most), total - (least - before.Least));
                    var after = (Least: Math.Max(before.Least, atLeast), Most: Math.Min(before.Most, atMost));
                    changed |= after != before;
                    _bounds[cell] = after;
                    (least, most) = (least + after.Least - before.Least, most + after.Most - before.Most);
                }
            }
        }
    }

    /// <summary>The least and the most that some cells can be together.</summary>
    public (long Least, long Most) Bounds(IReadOnlyCollection<T> cells)
    {
        foreach (var cell in cells) _bounds.TryAdd(cell, (0, Unbounded));
        var least = cells.Sum(cell => _bounds[cell].Least);
        var most = cells.Sum(cell => _bounds[cell].Most);
        foreach (var (of, total) in _sums.Where(sum => cells.All(sum.Of.Contains)))
        {
            var others = of.Except(cells).ToList();
            least = Math.Max(least, total - others.Sum(cell => _bounds[cell].Most));
            most = Math.Min(most, total - others.Sum(cell => _bounds[cell].Least));
        }

        return (least, most);
    }
}
