namespace BeschutWerk.Municipalities.Cases;

/// <summary>What a step of a case is, in the order in which the steps of one day are taken.</summary>
internal enum StepKind
{
    /// <summary>The last placement on an offer ended the day before: its place is free.</summary>
    OfferEnds,

    /// <summary>A placement ended the day before.</summary>
    Stop,

    /// <summary>A fact of the municipality or of UWV.</summary>
    Fact,

    /// <summary>A placement begins.</summary>
    Start,
}

/// <summary>One step of a case on a day.</summary>
/// <param name="Fact">With <see cref="StepKind.Fact"/>.</param>
/// <param name="Placement">With the others.</param>
internal readonly record struct Step(DateOnly Day, StepKind Kind, CaseFact Fact, CasePlacement? Placement)
{
    /// <summary>The steps of these facts and placements, in the order in which they count.</summary>
    public static List<Step> Of(IReadOnlyList<CaseFact> facts, IReadOnlyList<CasePlacement> placements)
    {
        var steps = new List<Step>(facts.Count + (3 * placements.Count));
        foreach (var fact in facts)
        {
            if (fact.Day is { } day) steps.Add(new Step(day, StepKind.Fact, fact, null));
        }

        foreach (var placement in placements)
        {
            steps.Add(new Step(placement.Record.StartOn, StepKind.Start, default, placement));
            if (placement.Stops is { } stops) steps.Add(new Step(stops, StepKind.Stop, default, placement));
        }

        foreach (var onOffer in placements.GroupBy(placement => placement.OfferId))
        {
            if (onOffer.All(placement => placement.Stops is not null))
            {
                var last = onOffer.MaxBy(placement => placement.Stops)!;
                steps.Add(new Step(last.Stops!.Value, StepKind.OfferEnds, default, last));
            }
        }

        return [.. steps.OrderBy(step => step.Day).ThenBy(step => step.Kind).ThenBy(step => step.Fact.Position).ThenBy(step => step.Placement?.PlacementId)];
    }
}
