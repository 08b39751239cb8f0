using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class FilledSharePersons
{
    public static readonly Figure Figure = new("filled_share_persons", FigureKind.Peildatum, FigureUnit.Percent)
    {
        Definition = new(
            "Personen aan het werk op de peildatum als deel van het aantal uit de regeling, ongeacht hun uren.",
            "Persons at work on the peildatum as a share of the number of the regulation, whatever their hours."),
        Denominator = new("Het aantal uit de regeling voor het jaar van de peildatum", "The number of the regulation for the year of the peildatum"),
        Source = Sources.PlacementsAndNumbers,
        Regional = new(RegionalTable.Work),
        Compute = (facts, moment) => QuotaNumbers.Total.On(facts, moment.Day()) is { } total
            ? new Measure(Ratio.Share(AtWork.Persons(facts, moment.Day()).Count, total.Number)) { RestsOnSynthetic = total.IsSynthetic }
            : new Measure(null as Ratio?),
    };
}
