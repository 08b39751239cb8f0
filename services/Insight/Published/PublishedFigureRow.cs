using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Published;

/// <summary>A figure as somebody published it.</summary>
public sealed class PublishedFigureRow
{
    public long PublishedFigureId { get; set; }

    public string FigureId { get; set; } = "";

    public DateOnly? PeriodFrom { get; set; }

    public DateOnly? PeriodTo { get; set; }

    public DateOnly? Peildatum { get; set; }

    /// <summary>GM code; empty for the nation.</summary>
    public string Municipality { get; set; } = "";

    public Requester Requester { get; set; }

    public Scenario Scenario { get; set; }

    public string Source { get; set; } = "";

    /// <summary>A decimal with a point, as published.</summary>
    public string Value { get; set; } = "";

    public string RoundingStep { get; set; } = "";

    public FigureUnit Unit { get; set; }

    public FigureOrigin Origin { get; set; }

    public DateOnly ImportedOn { get; set; }

    internal Moment Moment => new(PeriodFrom, PeriodTo, Peildatum);

    /// <summary>What identifies it: imported again with the same key, it is the same figure.</summary>
    internal (string, DateOnly?, DateOnly?, DateOnly?, string, Requester, Scenario, string) Key =>
        (FigureId, PeriodFrom, PeriodTo, Peildatum, Municipality, Requester, Scenario, Source);

    internal static PublishedFigureRow Of(PublishedFigure figure, DateOnly importedOn) => new()
    {
        FigureId = figure.FigureId,
        PeriodFrom = figure.PeriodFrom.ToDayOrNull(),
        PeriodTo = figure.PeriodTo.ToDayOrNull(),
        Peildatum = figure.Peildatum.ToDayOrNull(),
        Municipality = figure.Municipality,
        Requester = figure.Requester,
        Scenario = figure.Scenario,
        Source = figure.Source,
        Value = figure.Value,
        RoundingStep = figure.RoundingStep,
        Unit = figure.Unit,
        Origin = figure.Origin,
        ImportedOn = importedOn,
    };

    internal PublishedFigure ToMessage() => new()
    {
        FigureId = FigureId,
        PeriodFrom = PeriodFrom.ToDate(),
        PeriodTo = PeriodTo.ToDate(),
        Peildatum = Peildatum.ToDate(),
        Municipality = Municipality,
        Requester = Requester,
        Scenario = Scenario,
        Value = Value,
        RoundingStep = RoundingStep,
        Unit = Unit,
        Origin = Origin,
        Source = Source,
    };
}
