using Date = Google.Type.Date;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>Legal dates between contracts and code, and what day it is.</summary>
public static class Dates
{
    private static readonly TimeZoneInfo Amsterdam = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");

    /// <summary>The day in Europe/Amsterdam, where every legal term of the platform runs.</summary>
    public static DateOnly Today(this TimeProvider clock) => DayOf(clock.GetUtcNow());

    /// <summary>The day of an instant in Europe/Amsterdam.</summary>
    public static DateOnly DayOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Amsterdam).DateTime);

    /// <summary>The date of a field that its rule requires.</summary>
    public static DateOnly ToDateOnly(this Date date) => new(date.Year, date.Month, date.Day);

    /// <summary>The date of an optional field.</summary>
    public static DateOnly? ToDateOnlyOrNull(this Date? date) => date is null ? null : date.ToDateOnly();

    /// <summary>As it stands in a contract.</summary>
    public static Date ToDate(this DateOnly date) => new() { Year = date.Year, Month = date.Month, Day = date.Day };

    /// <summary>As it stands in a contract; null stays absent.</summary>
    public static Date? ToDate(this DateOnly? date) => date?.ToDate();

    /// <summary>Whether a contract's date is a day of the calendar.</summary>
    public static bool IsDay(Date date) =>
        date is { Year: >= 1 and <= 9999, Month: >= 1 and <= 12, Day: >= 1 } && date.Day <= DateTime.DaysInMonth(date.Year, date.Month);
}
