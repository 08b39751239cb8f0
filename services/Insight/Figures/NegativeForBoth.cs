using BeschutWerk.Contracts.Insight;

namespace BeschutWerk.Insight.Figures;

internal static class NegativeForBoth
{
    public static readonly Figure Figure = new("negative_for_both", FigureKind.Peildatum, FigureUnit.Persons)
    {
        Definition = new(
            "Personen van wie het laatste advies beschut werk negatief is en die op de peildatum niet in het doelgroepregister van de banenafspraak staan: zij vallen tussen beide.",
            "Persons whose latest advice on sheltered work is negative and who are not in the target group register of the banenafspraak on the peildatum: they fall between the two."),
        Source = new(
            "Adviezen van UWV (AdviceIssued) en het doelgroepregister (TargetGroupEntryStarted, TargetGroupEntryEnded)",
            "Advices of UWV (AdviceIssued) and the target group register (TargetGroupEntryStarted, TargetGroupEntryEnded)"),
        // Nobody reports the register to the platform yet. Counting negative advices alone would answer another question.
        Compute = null,
    };
}
