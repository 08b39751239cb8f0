namespace BeschutWerk.Municipalities.Cases;

/// <summary>The placements of a case by day. An answer takes no longer for who was renewed a thousand times.</summary>
public sealed class WorkCalendar
{
    private readonly ILookup<DateOnly, CasePlacement> _byFirstDayAfter;
    private readonly HashSet<DateOnly> _firstDays;
    private readonly Dictionary<Guid, DateOnly> _latestStarts;
    private readonly List<(DateOnly From, DateOnly LastDay)> _work = [];

    /// <param name="placements">All that are or were, by first day.</param>
    public WorkCalendar(IReadOnlyList<CasePlacement> placements)
    {
        Placements = placements;
        _byFirstDayAfter = placements.Where(placement => placement.Stops is not null).ToLookup(placement => placement.Stops!.Value);
        var worked = placements.Where(placement => placement.Record.StartOn <= placement.Record.LastDay).ToList();
        _firstDays = [.. worked.Select(placement => placement.Record.StartOn)];
        _latestStarts = placements.GroupBy(placement => placement.OfferId).ToDictionary(onOffer => onOffer.Key, onOffer => onOffer.Max(one => one.Record.StartOn));
        foreach (var placement in worked) Join(placement.Record.StartOn, placement.Record.LastDay);
    }

    /// <summary>All placements, by first day.</summary>
    public IReadOnlyList<CasePlacement> Placements { get; }

    /// <summary>Placements whose last day was the day before.</summary>
    public IEnumerable<CasePlacement> EndedBefore(DateOnly day) => _byFirstDayAfter[day];

    /// <summary>Whether a placement begins on that day.</summary>
    public bool BeginsOn(DateOnly day) => _firstDays.Contains(day);

    /// <summary>Whether a placement on that offer begins after that day.</summary>
    public bool BeginsAfter(DateOnly day, Guid offerId) => _latestStarts.TryGetValue(offerId, out var latest) && latest > day;

    /// <summary>Whether any placement is in force on that day.</summary>
    public bool IsAtWork(DateOnly day) => Around(day) is not null;

    /// <summary>The last day of work without a gap from a day on, as far as it is known; that day itself when nobody works on it.</summary>
    public DateOnly WorksUntil(DateOnly day) => Around(day)?.LastDay ?? day;

    /// <summary>Work without a gap that covers the day.</summary>
    private (DateOnly From, DateOnly LastDay)? Around(DateOnly day)
    {
        var (low, high) = (0, _work.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (day < _work[middle].From) high = middle - 1;
            else if (day > _work[middle].LastDay) low = middle + 1;
            else return _work[middle];
        }

        return null;
    }

    private void Join(DateOnly from, DateOnly lastDay)
    {
        if (_work.Count > 0 && (_work[^1].LastDay == DateOnly.MaxValue || from <= _work[^1].LastDay.AddDays(1)))
        {
            if (lastDay > _work[^1].LastDay) _work[^1] = (_work[^1].From, lastDay);
        }
        else
        {
            _work.Add((from, lastDay));
        }
    }
}
