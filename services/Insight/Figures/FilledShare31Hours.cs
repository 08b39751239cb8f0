using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class FilledShare31Hours
{
    private const int MinutesOfAPlace = 31 * 60;

    public static readonly Figure Figure = new("filled_share_31h", FigureKind.Peildatum, FigureUnit.Percent)
    {
        Definition = new(
            "Vervulde plekken van 31 uur als deel van het aantal uit de regeling: de minuten per week van alle plaatsingen die op de peildatum lopen, gedeeld door 1.860. Er is geen waarde als het aantal 0 is, als er geen aantal is of als de regeling dienstbetrekkingen telt.",
            "Filled places of 31 hours as a share of the number of the regulation: the minutes a week of all placements in force on the peildatum, divided by 1,860. It has no value where the number is 0, where there is none, or where the regulation counts employment relationships."),
        Denominator = new(
            "1.860 minuten maal het aantal uit de regeling voor het jaar van de peildatum", "1,860 minutes times the number of the regulation for the year of the peildatum"),
        Source = Sources.PlacementsAndNumbers,
        Regional = new(RegionalTable.Work) { One = MinutesOfAPlace },
        Compute = (facts, moment) =>
        {
            if (QuotaNumbers.Total.On(facts, moment.Day()) is not { InPlacesOf31Hours: true } total) return new Measure(null as Ratio?);
            var minutes = facts.Placements.Where(placement => placement.IsInForce(moment.Day())).Sum(placement => (long)placement.MinutesOn(moment.Day()));
            return new Measure(Ratio.Share(minutes, (long)MinutesOfAPlace * total.Number)) { RestsOnSynthetic = total.IsSynthetic };
        },
    };
}
