namespace BeschutWerk.Insight.Figures;

/// <summary>Which facts figures rest on.</summary>
internal static class Sources
{
    public static readonly Text Advices = new("Adviesaanvragen en adviezen van UWV (AdviceRequested, AdviceIssued)", "Requests and advices of UWV (AdviceRequested, AdviceIssued)");

    public static readonly Text Placements = new(
        "Plaatsingen gemeld door sw-bedrijven en gemeenten"
        + " (PlacementsReported, PlacementAmended, PlacementEnded, PlacementEndCorrected)",
        "Placements reported by sw-companies and municipalities"
        + " (PlacementsReported, PlacementAmended, PlacementEnded, PlacementEndCorrected)");

    public static readonly Text Numbers = new(
        "Aantallen uit de ministeriële regeling (QuotaPublished)", "Numbers of the ministerial regulation (QuotaPublished)");

    public static readonly Text PlacementsAndNumbers = Both(Placements, Numbers);

    public static readonly Text AdvicesAndPlacements = Both(Advices, Placements);

    private static Text Both(Text one, Text other) => new($"{one.Dutch}; {other.Dutch}", $"{one.English}; {other.English}");
}
