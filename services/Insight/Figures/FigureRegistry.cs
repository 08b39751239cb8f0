using System.Collections.Frozen;

namespace BeschutWerk.Insight.Figures;

/// <summary>All figures. A new one is a file beside this and a line here.</summary>
internal static class FigureRegistry
{
    /// <summary>By id.</summary>
    public static IReadOnlyList<Figure> All { get; } = [.. new[]
    {
        PositiveAdvices.Figure,
        PositiveAdvicesCumulative.Figure,
        PersonsHoldingPositiveAdvice.Figure,
        AdviceRequests.Figure,
        PositiveShare.Figure,
        AtWork.Figure,
        FilledShare31Hours.Figure,
        FilledSharePersons.Figure,
        AtWorkShareOfAdvised.Figure,
        DaysAdviceToStart.Figure,
        NegativeForBoth.Figure,
        QuotaNumbers.Figure,
    }.OrderBy(figure => figure.Id, StringComparer.Ordinal)];

    private static readonly FrozenDictionary<string, Figure> ById = All.ToFrozenDictionary(figure => figure.Id);

    /// <summary>The figure of an id; null when there is none.</summary>
    public static Figure? Find(string id) => ById.GetValueOrDefault(id);
}
