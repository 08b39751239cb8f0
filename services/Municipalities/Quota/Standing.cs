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

/// <summary>From which day to which a case counts as what, and from when to when we held that true.</summary>
public sealed class Standing
{
    /// <summary>Number of its row; 0 until it is stored.</summary>
    public long StandingId { get; set; }

    public required Guid CaseId { get; init; }

    public required StandingKind Kind { get; init; }

    /// <summary>Minutes a week; 0 where no place is held.</summary>
    public int Minutes { get; init; }

    public required DateOnly FromOn { get; init; }

    /// <summary>Last day; null until further notice.</summary>
    public DateOnly? LastDay { get; init; }

    public Guid? OfferId { get; init; }

    public Guid? PlacementId { get; init; }

    /// <summary>Whether the same place goes on in another row: then only that one holds it.</summary>
    public bool Followed { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public DateTimeOffset? SupersededAt { get; set; }

    /// <summary>Whether it still counts on that day or later.</summary>
    public bool Reaches(DateOnly day) => LastDay is null || LastDay >= day;

    /// <summary>The part of this row before a day, as a row of its own; null when there is none.</summary>
    public Standing? Until(DateOnly day, bool followed, DateTimeOffset recordedAt) => FromOn >= day ? null : new Standing
    {
        CaseId = CaseId,
        Kind = Kind,
        Minutes = Minutes,
        FromOn = FromOn,
        LastDay = day.AddDays(-1),
        OfferId = OfferId,
        PlacementId = PlacementId,
        Followed = followed,
        RecordedAt = recordedAt,
    };
}
