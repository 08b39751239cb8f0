namespace BeschutWerk.Backbone.Messaging;

/// <summary>
/// What a follower has applied of a store's sources, against those that the store has stamped: after a restore it holds the
/// beginning of some, nothing of others, and goes on under a new one.
/// </summary>
internal static class Lineage
{
    /// <summary>Where to read on: the first source, oldest first, of which the store holds more than was applied.</summary>
    /// <param name="applied">Last applied sequence by source.</param>
    /// <param name="store">What the store says of its sources.</param>
    public static SourcePoint Next(IReadOnlyDictionary<string, long> applied, SourcePage store)
    {
        var source = store.Former.FirstOrDefault(former => applied.GetValueOrDefault(former.Source) < former.LastSequence)?.Source ?? store.Source;
        return new SourcePoint(source, applied.GetValueOrDefault(source));
    }

    /// <summary>How many applied events the store does not hold any more, by source; sources without any are left out.</summary>
    public static IReadOnlyDictionary<string, long> Lost(IReadOnlyDictionary<string, long> applied, SourcePage store)
    {
        var held = store.Former.ToDictionary(former => former.Source, former => former.LastSequence);
        held[store.Source] = long.MaxValue;
        return applied.Select(source => (source.Key, Lost: source.Value - held.GetValueOrDefault(source.Key)))
            .Where(source => source.Lost > 0).ToDictionary(source => source.Key, source => source.Lost);
    }
}
