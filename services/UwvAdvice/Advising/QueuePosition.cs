using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>A place in the work queue: by due date, then by request.</summary>
internal sealed record QueuePosition(DateOnly DueOn, Guid AdviceRequestId) : IParsable<QueuePosition>
{
    private const string Day = "yyyy-MM-dd";

    /// <summary>Before every request.</summary>
    public static QueuePosition First { get; } = new(DateOnly.MinValue, Guid.Empty);

    public static QueuePosition Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var position) ? position : throw new FormatException();

    public static bool TryParse(string? s, IFormatProvider? provider, [NotNullWhen(true)] out QueuePosition? result)
    {
        result = s?.Split(' ') is [var day, var id] && Guid.TryParseExact(id, "D", out var requestId)
            && DateOnly.TryParseExact(day, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var dueOn)
            ? new QueuePosition(dueOn, requestId)
            : null;
        return result is not null;
    }

    public override string ToString() => $"{DueOn.ToString(Day, CultureInfo.InvariantCulture)} {AdviceRequestId:D}";
}
