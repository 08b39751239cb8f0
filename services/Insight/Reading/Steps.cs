using BeschutWerk.Contracts.Insight;

namespace BeschutWerk.Insight.Reading;

/// <summary>Calendar years, quarters or months of a period; the first and the last are cut to it.</summary>
internal static class Steps
{
    public static IEnumerable<(DateOnly From, DateOnly To)> Of(SeriesStep step, DateOnly from, DateOnly to)
    {
        var months = step switch
        {
            SeriesStep.Year => 12,
            SeriesStep.Quarter => 3,
            SeriesStep.Month => 1,
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, "No such step."),
        };
        var begin = new DateOnly(from.Year, ((from.Month - 1) / months * months) + 1, 1);
        while (begin <= to)
        {
            var next = begin.AddMonths(months);
            yield return (begin < from ? from : begin, next > to ? to : next.AddDays(-1));
            begin = next;
        }
    }
}
