using System.Globalization;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Host.Demo.History;

/// <summary>A calendar quarter.</summary>
internal readonly record struct Quarter(DateOnly First, DateOnly Last)
{
    /// <summary>Reads <c>2017Q4</c>.</summary>
    public static Quarter Parse(string text)
    {
        var year = int.Parse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);
        var number = int.Parse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture);
        var first = new DateOnly(year, (3 * number) - 2, 1);
        return new(first, first.AddMonths(3).AddDays(-1));
    }

    /// <summary>The quarter of a day.</summary>
    public static Quarter Of(DateOnly day)
    {
        var first = new DateOnly(day.Year, (3 * ((day.Month - 1) / 3)) + 1, 1);
        return new(first, first.AddMonths(3).AddDays(-1));
    }

    public bool Has(DateOnly day) => First <= day && day <= Last;
}

/// <summary>Dates as offices keep them.</summary>
internal static class Days
{
    public static bool IsWeekday(this DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    public static DateOnly WeekdayFrom(this DateOnly day)
    {
        while (!day.IsWeekday()) day = day.AddDays(1);
        return day;
    }

    public static DateOnly WeekdayUpTo(this DateOnly day)
    {
        while (!day.IsWeekday()) day = day.AddDays(-1);
        return day;
    }

    /// <summary>Employment starts on a Monday or on the first of a month.</summary>
    public static bool IsStartDay(this DateOnly day) => day.DayOfWeek == DayOfWeek.Monday || day.Day == 1;

    public static DateOnly MondayFrom(this DateOnly day)
    {
        while (day.DayOfWeek != DayOfWeek.Monday) day = day.AddDays(1);
        return day;
    }

    public static int DaysUntil(this DateOnly from, DateOnly to) => to.DayNumber - from.DayNumber;

    public static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    public static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}
