using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Reference;

/// <summary>How a municipality went into another one.</summary>
public enum SuccessionKind
{
    /// <summary>Its whole territory went into the successor.</summary>
    Merge,

    /// <summary>It is the same municipality under another name and code.</summary>
    Rename,

    /// <summary>Its territory was divided over several successors.</summary>
    Split,

    /// <summary>It is announced, and begins on its day unless the reference data is changed before.</summary>
    Planned,
}

/// <summary>Which municipality a dissolved one went into, or one of several.</summary>
/// <param name="Code">The dissolved one.</param>
/// <param name="Successor">The one that took over.</param>
/// <param name="Date">First day of the succession.</param>
/// <param name="Kind">How it went.</param>
public sealed record Succession(string Code, string Successor, DateOnly Date, SuccessionKind Kind = SuccessionKind.Merge);

/// <summary>All that happened to a municipality on the day on which it was dissolved.</summary>
/// <param name="Date">First day on which it is no more.</param>
/// <param name="Successors">The one that took over, or those over which it was divided, by code.</param>
/// <param name="IsPlanned">Whether it was only announced.</param>
public sealed record Dissolution(DateOnly Date, IReadOnlyList<string> Successors, bool IsPlanned)
{
    /// <summary>Whether it was divided over several.</summary>
    public bool IsSplit => Successors.Count > 1;

    /// <summary>Whether it counts for a day. What is only announced is not known to happen before its day has come.</summary>
    /// <param name="day">The day for which it is asked.</param>
    /// <param name="today">Today.</param>
    public bool IsInEffect(DateOnly day, DateOnly today) => Date <= day && (!IsPlanned || Date <= today);
}
