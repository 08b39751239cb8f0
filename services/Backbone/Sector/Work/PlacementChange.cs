using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.SwCompanies;
using Date = Google.Type.Date;

namespace BeschutWerk.Sector.Work;

/// <summary>One version of a placement after its report.</summary>
/// <param name="Version">Its number; the report is 1.</param>
public sealed record PlacementChange(long Version)
{
    /// <summary>Hours from a day on; null when the version says nothing of hours.</summary>
    public HoursFrom? Hours { get; private init; }

    /// <summary>The last day agreed from this version on, <see cref="DateOnly.MaxValue"/> for none; null when the version says nothing of it.</summary>
    public DateOnly? AgreedLastDay { get; private init; }

    /// <summary>Whether the version says how the placement ended, or that it did not.</summary>
    public bool IsOfTheEnd { get; private init; }

    /// <summary>The end that holds from this version on; null when it never ended.</summary>
    public PlacementEnd? End { get; private init; }

    /// <summary>Hours or the agreed last day changed.</summary>
    public static PlacementChange Amended(long version, DateOnly from, int minutesPerWeek, DateOnly agreedLastDay) =>
        new(version) { Hours = new HoursFrom(from, minutesPerWeek), AgreedLastDay = agreedLastDay };

    /// <summary>Only the agreed last day changed.</summary>
    public static PlacementChange Moved(long version, DateOnly agreedLastDay) => new(version) { AgreedLastDay = agreedLastDay };

    /// <summary>It ended, or the end that was told before is replaced by this one; null: it never ended.</summary>
    public static PlacementChange Ended(long version, PlacementEnd? end) => new(version) { IsOfTheEnd = true, End = end };

    /// <summary>As the event tells it.</summary>
    public static PlacementChange Of(PlacementAmended amended) => amended.HoursKept
        ? Moved(amended.Version, DayOrNone(amended.LastDay))
        : Amended(amended.Version, amended.FromOn.ToDateOnly(), amended.MinutesPerWeek, DayOrNone(amended.LastDay));

    /// <summary>As the event tells it.</summary>
    public static PlacementChange Of(PlacementEnded ended) =>
        Ended(ended.Version, new PlacementEnd(ended.LastDay.ToDateOnly(), ended.Reason, ended.Cause));

    /// <summary>As the event tells it.</summary>
    public static PlacementChange Of(PlacementEndCorrected corrected) => Ended(corrected.Version, corrected.Reason == EndReason.Unspecified
        ? null
        : new PlacementEnd(corrected.LastDay.ToDateOnly(), corrected.Reason, corrected.Cause));

    /// <summary>A last day of a contract; <see cref="DateOnly.MaxValue"/> when it is absent.</summary>
    public static DateOnly DayOrNone(Date? lastDay) => lastDay.ToDateOnlyOrNull() ?? DateOnly.MaxValue;
}
