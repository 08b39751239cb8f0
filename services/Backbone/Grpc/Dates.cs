using Date = Google.Type.Date;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>Legal dates between contracts and code.</summary>
public static class Dates
{
    /// <summary>The first day that a contract can name. Whatever is computed from its days stays within the calendar.</summary>
    public static readonly DateOnly First = new(1900, 1, 1);

    /// <summary>The last day that a contract can name.</summary>
    public static readonly DateOnly Last = new(2199, 12, 31);

    /// <summary>The date of a field that its rule requires.</summary>
    public static DateOnly ToDateOnly(this Date date) => new(date.Year, date.Month, date.Day);

    /// <summary>The date of an optional field.</summary>
    public static DateOnly? ToDateOnlyOrNull(this Date? date) => date is null ? null : date.ToDateOnly();

    /// <summary>The date of a field that may break its rule; null when it does, and when it is absent.</summary>
    public static DateOnly? ToDayOrNull(this Date? date) => date is not null && IsDay(date) ? date.ToDateOnly() : null;

    /// <summary>As it stands in a contract.</summary>
    public static Date ToDate(this DateOnly date) => new() { Year = date.Year, Month = date.Month, Day = date.Day };

    /// <summary>As it stands in a contract; null stays absent.</summary>
    public static Date? ToDate(this DateOnly? date) => date?.ToDate();

    /// <summary>Whether a contract's date is a day of the calendar, and one that a contract can name.</summary>
    public static bool IsDay(Date date) =>
        date is { Month: >= 1 and <= 12, Day: >= 1 } && date.Year >= First.Year && date.Year <= Last.Year
        && date.Day <= DateTime.DaysInMonth(date.Year, date.Month);
}
