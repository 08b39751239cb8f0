using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>Figures as they stand in the contract.</summary>
internal static class FigureMessages
{
    public static FigureDefinition Definition(Figure figure) => new()
    {
        FigureId = figure.Id,
        DefinitionNl = figure.Definition.Dutch,
        DefinitionEn = figure.Definition.English,
        DenominatorNl = figure.Denominator.Dutch,
        DenominatorEn = figure.Denominator.English,
        SourceNl = figure.Source.Dutch,
        SourceEn = figure.Source.English,
        Unit = figure.Unit,
        Kind = figure.Kind,
        ByRequester = figure.ByRequester,
        Available = figure.Compute is not null,
        RegionalStep = figure.Regional is { } telling ? telling.Table?.Step ?? RegionalStep.Any : RegionalStep.Unspecified,
    };

    /// <summary>A quotient of counts, told in its own unit or another; absent when there is none.</summary>
    public static FigureValue? Value(Ratio? value, FigureUnit own, FigureUnit? told = null)
    {
        if (value is not { } ratio) return null;
        var unit = told ?? own;
        return new FigureValue
        {
            Numerator = (long)ratio.Numerator,
            Denominator = (long)ratio.Denominator,
            Unit = unit,
            Decimal = ratio.Times(Units.Factor(own, unit)!.Value).ToText(),
        };
    }

    public static FigurePart Part(Part part) => new() { Name = part.Name, Value = Value(part.Value, part.Unit) };
}
