namespace BeschutWerk.Municipalities.Quota;

/// <summary>As what a case counts; stored as its number.</summary>
public enum StandingKind
{
    /// <summary>Determined positive, and owed a place or another offer.</summary>
    Waiting = 1,

    /// <summary>With an open or accepted offer.</summary>
    Reserved = 2,

    /// <summary>With a placement in force.</summary>
    AtWork = 3,

    /// <summary>With an alternative, or after declining a fitting offer.</summary>
    ServedOtherwise = 4,
}

/// <summary>From which day to which a case counts as what.</summary>
/// <param name="Minutes">Minutes a week; 0 where no place is held.</param>
/// <param name="LastDay">Last day; null until further notice.</param>
/// <param name="OfferId">The offer whose place is held; null where none is.</param>
/// <param name="PlacementId">With <see cref="StandingKind.AtWork"/>.</param>
public sealed record Standing(StandingKind Kind, int Minutes, DateOnly FromOn, DateOnly? LastDay, Guid? OfferId = null, Guid? PlacementId = null)
{
    /// <summary>Whether it counts on that day.</summary>
    public bool Holds(DateOnly day) => FromOn <= day && Reaches(day);

    /// <summary>Whether it still counts on that day or later.</summary>
    public bool Reaches(DateOnly day) => LastDay is null || LastDay >= day;
}
