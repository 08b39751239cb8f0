using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Figures;

internal static class QuotaNumbers
{
    public static readonly Figure Figure = new("quota_number", FigureKind.Peildatum, FigureUnit.Places)
    {
        Definition = new(
            "Het aantal beschut werkplekken uit de ministeriële regeling voor het jaar van de peildatum, als stand op 31 december, van de gemeenten op dit platform. Nooit het quotum van de banenafspraak.",
            "The number of sheltered work places of the ministerial regulation for the year of the peildatum, as the stock on 31 December, of the municipalities on this platform. Never the employers' quotum."),
        Source = Sources.Numbers,
        Regional = new(null),
        Compute = (facts, moment) =>
        {
            var numbers = Total.On(facts, moment.Day());
            return new Measure(numbers is null ? null : Ratio.Of(numbers.Number)) { RestsOnSynthetic = numbers is { IsSynthetic: true } };
        },
    };

    /// <summary>The numbers in force on a day, added up.</summary>
    internal sealed record Total(int Number, bool IsSynthetic, bool InPlacesOf31Hours)
    {
        /// <summary>Null when no regulation was published for that year.</summary>
        public static Total? On(FactSet facts, DateOnly day)
        {
            var numbers = facts.NumbersOn(day).ToList();
            return numbers.Count == 0 ? null : new Total(
                numbers.Sum(number => number.Number),
                numbers.Any(number => number.Origin == QuotaOrigin.Synthetic),
                numbers.All(number => number.CountingUnit == CountingUnit.Places31Hours));
        }
    }
}
