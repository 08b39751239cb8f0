namespace BeschutWerk.Municipalities.Quota;

/// <summary>
/// Moves one case from standing to standing. What is true now is rewritten as new rows beside the superseded ones, so that
/// every day as known at every instant stays readable.
/// </summary>
/// <param name="caseId">The case.</param>
/// <param name="now">When this is recorded.</param>
/// <param name="rows">What we held true of it until now.</param>
/// <param name="add">Stores a new row.</param>
/// <param name="supersede">Stores that a row no longer holds.</param>
public sealed class CaseStandings(Guid caseId, DateTimeOffset now, IEnumerable<Standing> rows, Action<Standing> add, Action<Standing> supersede)
{
    private readonly List<Standing> _current = [.. rows];

    /// <summary>What is held true now.</summary>
    public IReadOnlyList<Standing> Current => _current;

    /// <summary>Owed a place or another offer from that day.</summary>
    public void Waits(DateOnly from) => Counts(StandingKind.Waiting, from);

    /// <summary>Served by an alternative, or by a fitting offer that was declined, from that day.</summary>
    public void IsServedOtherwise(DateOnly from) => Counts(StandingKind.ServedOtherwise, from);

    /// <summary>Nothing any more from that day: whatever the case held or was owed.</summary>
    public void Leaves(DateOnly from) => Truncate(from, IsNotWork);

    /// <summary>Holds a place from the day of the offer.</summary>
    public void Reserves(Guid offerId, int minutes, DateOnly from)
    {
        Truncate(from, IsNotWork);
        Add(new Standing { CaseId = caseId, Kind = StandingKind.Reserved, OfferId = offerId, Minutes = minutes, FromOn = from, RecordedAt = now });
    }

    /// <summary>Works from that day, on the place that was reserved. Told again of a known placement, it holds instead of what was told before.</summary>
    public void Works(Guid placementId, Guid offerId, int minutes, DateOnly from, DateOnly? lastDay)
    {
        Unsay(placementId);
        Truncate(from, row => IsNotWork(row) && (row.OfferId is null || row.OfferId == offerId), followed: true);
        AddWork(placementId, offerId, minutes, from, lastDay);
    }

    /// <summary>Works other hours, or until another day, from that day on.</summary>
    /// <returns>False when the placement is not known.</returns>
    public bool WorksOn(Guid placementId, int minutes, DateOnly from, DateOnly? lastDay)
    {
        if (OfferOf(placementId) is not { } offerId) return false;
        Truncate(from, row => row.PlacementId == placementId, followed: true);
        AddWork(placementId, offerId, minutes, from, lastDay);
        return true;
    }

    /// <summary>Works until and on that day.</summary>
    /// <returns>False when the placement is not known.</returns>
    public bool Stops(Guid placementId, DateOnly lastDay)
    {
        if (OfferOf(placementId) is null) return false;
        Truncate(lastDay.AddDays(1), row => row.PlacementId == placementId);
        return true;
    }

    /// <summary>Never worked on this placement.</summary>
    /// <returns>First day that it had; null when the placement is not known.</returns>
    public DateOnly? Unsay(Guid placementId)
    {
        var ofPlacement = _current.FindAll(row => row.PlacementId == placementId);
        ofPlacement.ForEach(Supersede);
        return ofPlacement.Count == 0 ? null : ofPlacement.Min(row => row.FromOn);
    }

    /// <summary>Whether the case works on another placement on or after a day.</summary>
    /// <param name="placementId">The placement that is not meant.</param>
    /// <param name="day">The day.</param>
    /// <param name="offerId">Only on this offer; null for any.</param>
    public bool WorksElsewhere(Guid placementId, DateOnly day, Guid? offerId = null) => _current.Any(row =>
        row.Kind == StandingKind.AtWork && row.PlacementId != placementId && row.Reaches(day) && (offerId is null || row.OfferId == offerId));

    /// <summary>The offer that a known placement works on.</summary>
    public Guid? OfferOf(Guid placementId) => _current.Find(row => row.PlacementId == placementId)?.OfferId;

    private static bool IsNotWork(Standing row) => row.Kind != StandingKind.AtWork;

    private void Counts(StandingKind kind, DateOnly from)
    {
        Truncate(from, IsNotWork);
        Add(new Standing { CaseId = caseId, Kind = kind, FromOn = from, RecordedAt = now });
    }

    private void AddWork(Guid placementId, Guid offerId, int minutes, DateOnly from, DateOnly? lastDay) => Add(new Standing
    {
        CaseId = caseId,
        Kind = StandingKind.AtWork,
        PlacementId = placementId,
        OfferId = offerId,
        Minutes = minutes,
        FromOn = from,
        LastDay = lastDay,
        RecordedAt = now,
    });

    /// <summary>Ends the rows that reach a day on the day before.</summary>
    private void Truncate(DateOnly from, Predicate<Standing> which, bool followed = false)
    {
        foreach (var row in _current.FindAll(row => which(row) && row.Reaches(from)))
        {
            Supersede(row);
            if (row.Until(from, followed, now) is { } rest) Add(rest);
        }
    }

    private void Supersede(Standing row)
    {
        row.SupersededAt = now;
        _current.Remove(row);
        supersede(row);
    }

    private void Add(Standing row)
    {
        _current.Add(row);
        add(row);
    }
}
