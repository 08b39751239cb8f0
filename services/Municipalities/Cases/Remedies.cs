using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>What a municipality can do about a discrepancy. One sentence per kind; a test holds the table complete.</summary>
public static class Remedies
{
    /// <summary>In Dutch, for the case worker.</summary>
    public static string Dutch(DiscrepancyKind kind) => kind switch
    {
        DiscrepancyKind.PlacedWithoutOffer => "Leg het antwoord op dit aanbod vast als dat nog openstaat, neem een intrekking van het aanbod terug, of corrigeer het einde van de plaatsing (CORRECTION) en laat haar op het juiste aanbod melden.",
        DiscrepancyKind.PlacedWithoutDetermination => "Neem een besluit over deze persoon, of corrigeer het einde van de plaatsing (CORRECTION) als die er nooit was.",
        DiscrepancyKind.EndedWithoutPlacement => "Vraag het bedrijf de plaatsing zelf te melden.",
        DiscrepancyKind.AdviceForUnknownCase => "Zoek uit bij welke persoon dit advies hoort en open een dossier.",
        DiscrepancyKind.AdviceAfterDetermination => "Beoordeel of het nieuwe advies het besluit verandert, en neem het besluit opnieuw: hetzelfde of een ander.",
        DiscrepancyKind.HoursExceedForty => "Overleg met het bedrijf: deze persoon werkt volgens de meldingen meer dan veertig uur per week.",
        DiscrepancyKind.OfferWhileAtWork => "Trek het aanbod in, of vraag het bedrijf het einde van de plaatsing te corrigeren.",
        DiscrepancyKind.ActContradicted => "Klopt deze handeling niet, neem haar dan terug. Klopt een melding niet, laat die corrigeren.",
        DiscrepancyKind.PlaceGivenAway => "De plek is aan twee personen gegeven: trek een aanbod in dat nog niet begonnen is. Anders telt de plek boven het aantal.",
        DiscrepancyKind.PersonDiffers => "Vergelijk burgerservicenummer, naam, geboortedatum en uitkering met wat de burger opgaf, en na een correctie of omwisseling of het advies bij deze persoon hoort. Corrigeer de persoon, of geef de gegevens nog eens als ze kloppen.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No sentence for this kind."),
    };
}
