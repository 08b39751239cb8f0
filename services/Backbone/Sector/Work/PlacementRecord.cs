using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.Sector.Work;

/// <summary>Hours a week from a day on, as one version of a placement tells them.</summary>
public readonly record struct HoursFrom(DateOnly From, int MinutesPerWeek);

/// <summary>Hours a week from a day up to and including another.</summary>
public readonly record struct Stretch(DateOnly From, DateOnly LastDay, int MinutesPerWeek);

/// <summary>How a placement ended.</summary>
/// <param name="LastDay">Last day, worked.</param>
public readonly record struct PlacementEnd(DateOnly LastDay, EndReason Reason, EndCause Cause);

/// <summary>
/// What is true of one placement: the first report and every version since. It is the one place that says which hours hold on
/// which day and when a placement ends; SwCompanies, Municipalities and Insight all compute with it.
/// </summary>
public sealed class PlacementRecord
{
    private readonly List<HoursFrom> _hours;

    private PlacementRecord(DateOnly startOn, DateOnly agreedLastDay, List<HoursFrom> hours, PlacementEnd? end) =>
        (StartOn, AgreedLastDay, _hours, End) = (startOn, agreedLastDay, hours, end);

    /// <summary>First day.</summary>
    public DateOnly StartOn { get; }

    /// <summary>Last day that was agreed; <see cref="DateOnly.MaxValue"/> for none.</summary>
    public DateOnly AgreedLastDay { get; }

    /// <summary>The end that was reported, as last corrected; null when none was, or when it was taken back.</summary>
    public PlacementEnd? End { get; }

    /// <summary>Last day, worked: of the end, else the one agreed; <see cref="DateOnly.MaxValue"/> for none.</summary>
    public DateOnly LastDay => End?.LastDay ?? AgreedLastDay;

    /// <summary>Whether it was a mistake: there never was such a placement.</summary>
    public bool NeverWas => End is { Reason: EndReason.Correction };

    /// <summary>A placement by its report and the versions after it.</summary>
    /// <param name="startOn">First day.</param>
    /// <param name="agreedLastDay">Last day of the report; <see cref="DateOnly.MaxValue"/> for none.</param>
    /// <param name="minutesPerWeek">Minutes a week of the report.</param>
    /// <param name="changes">In any order; the same version counts once.</param>
    public static PlacementRecord Of(DateOnly startOn, DateOnly agreedLastDay, int minutesPerWeek, IEnumerable<PlacementChange> changes)
    {
        var hours = new List<HoursFrom>(1) { new(startOn, minutesPerWeek) };
        PlacementEnd? end = null;
        foreach (var change in changes.OrderBy(change => change.Version).DistinctBy(change => change.Version))
        {
            if (change.Hours is { } changed) hours.Add(changed);
            if (change.AgreedLastDay is { } agreed) agreedLastDay = agreed;
            if (change.IsOfTheEnd) end = change.End;
        }

        return new PlacementRecord(startOn, agreedLastDay, hours, end);
    }

    /// <summary>Whether it is in force on a day.</summary>
    public bool IsInForce(DateOnly day) => !NeverWas && StartOn <= day && day <= LastDay;

    /// <summary>Minutes a week on a day on which it is in force: of the hours that have begun those that begin last; of two from one day the later version.</summary>
    public int MinutesOn(DateOnly day)
    {
        var found = _hours[0];
        foreach (var hours in _hours)
        {
            if (hours.From <= day && hours.From >= found.From) found = hours;
        }

        return found.MinutesPerWeek;
    }

    /// <summary>The hours by day, first day first; none when it never was.</summary>
    public IEnumerable<Stretch> Stretches()
    {
        if (NeverWas) yield break;
        if (_hours.Count == 1)
        {
            if (StartOn <= LastDay) yield return new Stretch(StartOn, LastDay, _hours[0].MinutesPerWeek);
            yield break;
        }

        var starts = _hours.Select(hours => hours.From).Where(from => from <= LastDay).Distinct().Order().ToList();
        for (var i = 0; i < starts.Count; i++)
        {
            var until = i + 1 < starts.Count ? starts[i + 1].AddDays(-1) : LastDay;
            yield return new Stretch(starts[i], until, MinutesOn(starts[i]));
        }
    }
}
