namespace BeschutWerk.Identity;

/// <summary>Counts, by name, what happened within the minute that began with the first of it.</summary>
sealed class Throttle(TimeProvider clock)
{
    const int MostKept = 10_000;

    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    readonly Lock counting = new();
    readonly Dictionary<string, (DateTimeOffset Until, int Count)> counts = new(StringComparer.Ordinal);

    /// <summary>Counts one more.</summary>
    /// <returns>How many there were in this minute.</returns>
    public int Count(string name)
    {
        var now = clock.GetUtcNow();
        lock (counting)
        {
            if (counts.Count >= MostKept) Forget(now);
            var before = counts.GetValueOrDefault(name);
            counts[name] = before.Until > now ? (before.Until, before.Count + 1) : (now + Window, 1);
            return counts[name].Count;
        }
    }

    /// <summary>How long to wait, where there were that many in this minute; null where there were fewer.</summary>
    public TimeSpan? Wait(string name, int most)
    {
        var now = clock.GetUtcNow();
        lock (counting)
        {
            var (until, count) = counts.GetValueOrDefault(name);
            return until > now && count >= most ? until - now : null;
        }
    }

    void Forget(DateTimeOffset now)
    {
        foreach (var (name, _) in counts.Where(count => count.Value.Until <= now).ToList()) counts.Remove(name);
        // Whoever comes from so many addresses gains a few tries, and takes no more memory.
        if (counts.Count >= MostKept) counts.Clear();
    }
}
