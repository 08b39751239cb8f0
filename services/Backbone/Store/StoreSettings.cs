namespace BeschutWerk.Backbone.Store;

/// <summary>Limits of a store.</summary>
/// <param name="Clock">The clock that stamps and refuses the future.</param>
public sealed record StoreSettings(TimeProvider Clock)
{
    /// <summary>Writes that may wait; one more is RESOURCE_EXHAUSTED.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>Operations of one commit at the most.</summary>
    public int MostPerCommit { get; init; } = 256;

    /// <summary>I/O errors in a row after which a store takes no calls any more.</summary>
    public int StorageErrorsBeforeQuarantine { get; init; } = 3;

    /// <summary>How long others wait for whoever opens the store. An upgrade can take longer: they come back.</summary>
    public TimeSpan LongestOpening { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Stores of one service that stay open; beyond it the least recently used are closed.</summary>
    public int MostOpen { get; init; } = 1024;
}

/// <summary>What is known of a store's file before it is looked for.</summary>
internal enum StorePresence
{
    /// <summary>Nothing: its tenant is not known here.</summary>
    Unknown,

    /// <summary>It may be made at first use.</summary>
    NotMade,

    /// <summary>It was there. Missing now means lost: an empty one in its place would hide that.</summary>
    Made,
}
