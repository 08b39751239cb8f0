using System.Globalization;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Date = Google.Type.Date;

namespace BeschutWerk.Cli;

/// <summary>Values as people read them.</summary>
internal static class Texts
{
    /// <summary>A length of time in its largest two units, such as <c>3 h 5 min</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, (int)span.TotalSeconds)} s",
        { TotalMinutes: < 60 } => $"{span.Minutes} min {span.Seconds} s",
        { TotalHours: < 24 } => $"{span.Hours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    /// <summary>A size, such as <c>1.5 GB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB"),
    };

    /// <summary>An instant, in UTC.</summary>
    public static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A legal date.</summary>
    public static string Day(Date? date) => date is null ? "" : $"{date.Year:D4}-{date.Month:D2}-{date.Day:D2}";

    /// <summary>The name of an event, such as <c>advice-issued</c>; its whole type when it is not of this platform.</summary>
    public static string NameOf(CloudEvent found) => EventTypes.NameOf(found.Type) ?? found.Type;

    /// <summary>An event as a line: when, what, about what, who raised it as which of its events.</summary>
    public static string Event(CloudEvent found) =>
        $"{Instant(found.Time.ToDateTimeOffset())}  {NameOf(found),-22}  {found.Subject,-36}  {EventSource.StoreOf(found)} {found.Sequence}";
}
