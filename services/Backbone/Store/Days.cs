namespace BeschutWerk.Backbone.Store;

/// <summary>What day it is in Europe/Amsterdam, where every legal term of the platform runs, and how instants are cut.</summary>
public static class Days
{
    private static readonly TimeZoneInfo Amsterdam = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");

    /// <summary>The day in Europe/Amsterdam, where every legal term of the platform runs.</summary>
    public static DateOnly Today(this TimeProvider clock) => DayOf(clock.GetUtcNow());

    /// <summary>How long it is until the next day begins in Europe/Amsterdam.</summary>
    public static TimeSpan UntilMidnight(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return BeginOf(DayOf(now).AddDays(1)) - now;
    }

    /// <summary>The instant at which a day begins in Europe/Amsterdam.</summary>
    public static DateTimeOffset BeginOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, Amsterdam.GetUtcOffset(midnight));
    }

    /// <summary>The day of an instant in Europe/Amsterdam.</summary>
    public static DateOnly DayOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Amsterdam).DateTime);

    /// <summary>The instant to the millisecond, as stores and events keep it: two that are compared must be cut alike.</summary>
    public static DateTimeOffset ToTheMillisecond(this DateTimeOffset instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());
}
