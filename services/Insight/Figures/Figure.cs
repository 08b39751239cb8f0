using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

/// <summary>When a figure tells of: a period, a day, or a day with the period of a cohort.</summary>
internal sealed record Moment(DateOnly? From = null, DateOnly? To = null, DateOnly? Peildatum = null)
{
    /// <summary>Whether a day lies in the period.</summary>
    public bool Holds(DateOnly? day) => From <= day && day <= To;

    /// <summary>The peildatum of a figure of a day. No property, because a record prints its properties and this one may throw.</summary>
    public DateOnly Day() => Peildatum ?? throw new InvalidOperationException("A figure of a day needs its peildatum.");
}

/// <summary>A text in the two languages of the platform.</summary>
internal sealed record Text(string Dutch, string English)
{
    public static readonly Text None = new("", "");
}

/// <summary>What a figure came to.</summary>
/// <param name="Value">A quotient of counts; null when there is nothing to divide by.</param>
internal sealed record Measure(Ratio? Value)
{
    /// <summary>What belongs beside it.</summary>
    public IReadOnlyList<Part> Parts { get; init; } = [];

    /// <summary>Whether a number that is filled in was used.</summary>
    public bool RestsOnSynthetic { get; init; }

    public static Measure Count(long count) => new(Ratio.Of(count));
}

/// <summary>A value beside a figure.</summary>
internal sealed record Part(string Name, Ratio Value, FigureUnit Unit);

/// <summary>One figure: what it means, and how it follows from the facts.</summary>
internal sealed record Figure(string Id, FigureKind Kind, FigureUnit Unit)
{
    public required Text Definition { get; init; }

    /// <summary>What it is divided by; none for a count.</summary>
    public Text Denominator { get; init; } = Text.None;

    public required Text Source { get; init; }

    /// <summary>Whether it can be told per requester.</summary>
    public bool ByRequester { get; init; }

    /// <summary>Whether <see cref="Moment.To"/> may say up to when a cohort was advised.</summary>
    public bool HasCohort { get; init; }

    /// <summary>For a running total, the figure that it adds up; a figure of a period adds up to itself. Null: it cannot be extrapolated.</summary>
    public Func<Figure>? AddsUp { get; init; }

    /// <summary>How it is told of a region to who may not read each municipality of it; null: not at all.</summary>
    public RegionalTelling? Regional { get; init; }

    /// <summary>Null when the platform does not hold what it is computed from.</summary>
    public required Func<FactSet, Moment, Measure>? Compute { get; init; }
}
