using System.Collections.Frozen;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>The article that each event rests on, by the event's name: what a timeline shows beside it.</summary>
public static class LegalBasis
{
    private const string Besluit = "Besluit advisering beschut werk";

    /// <summary>By the event's name as it stands in <c>type</c>, in kebab-case.</summary>
    public static FrozenDictionary<string, string> ByEvent { get; } = new Dictionary<string, string>
    {
        // Municipalities
        ["tenant-registered"] = "Participatiewet art. 7 lid 1",
        ["tenant-suspended"] = "Participatiewet art. 7 lid 1",
        ["tenant-resumed"] = "Participatiewet art. 7 lid 1",
        ["quota-published"] = "Participatiewet art. 10b lid 4",
        ["quota-reached"] = "Participatiewet art. 10b lid 6",
        ["case-opened"] = "Participatiewet art. 10b lid 1",
        ["case-determined"] = "Participatiewet art. 10b lid 1",
        ["duty-to-offer-arose"] = "Participatiewet art. 10b lid 1 and 6",
        ["place-offered"] = "Participatiewet art. 10b lid 1",
        ["offer-withdrawn"] = "Participatiewet art. 10b lid 1",
        ["offer-answered"] = "Participatiewet art. 10b lid 1",
        ["place-freed"] = "Participatiewet art. 10b lid 6",
        ["place-taken-again"] = "Participatiewet art. 10b lid 6",
        ["alternative-offered"] = "Participatiewet art. 7 lid 1a and 10b lid 6",
        ["candidate-dropped-out"] = "Participatiewet art. 10b lid 1",
        ["candidate-corrected"] = "AVG art. 5 lid 1 d and art. 16",
        ["act-taken-back"] = "Awb art. 3:2; AVG art. 5 lid 1 d",
        ["discrepancy-found"] = "Awb art. 3:2",

        // UWV
        ["advice-requested"] = "Participatiewet art. 10b lid 2 and 3; " + Besluit + " art. 2",
        ["assessment-recorded"] = Besluit + " art. 3",
        ["advice-issued"] = "Participatiewet art. 10b lid 2 and 3; " + Besluit + " art. 3",
        ["person-corrected"] = "AVG art. 5 lid 1 d and art. 16",
        ["advice-withdrawn"] = "Participatiewet art. 10b lid 2 and 3",

        // Sw-companies
        ["company-registered"] = "Participatiewet art. 7 lid 4",
        ["contract-signed"] = "Participatiewet art. 7 lid 4",
        ["contract-ended"] = "Participatiewet art. 7 lid 4",
        ["placements-reported"] = "Participatiewet art. 10b lid 1",
        ["placement-amended"] = "Participatiewet art. 10b lid 1",
        ["placement-ended"] = "Participatiewet art. 10b lid 1",
        ["placement-end-corrected"] = "Participatiewet art. 10b lid 1",
        ["hours-exceeded"] = "Awb art. 3:2",
        ["hours-excess-ended"] = "Awb art. 3:2",
    }.ToFrozenDictionary();
}
