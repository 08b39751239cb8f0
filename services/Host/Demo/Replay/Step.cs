using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>
/// What somebody does. The order is that of one day: places freed the day before are free, then the college decides and
/// offers, then come answers and dropouts; who ends works until the evening.
/// </summary>
internal enum Act
{
    Ask,
    Assess,
    Advise,
    Determine,
    Offer,
    Answer,
    OfferAlternative,
    DropOut,
    Start,
    End,
}

/// <summary>One act, on its legal date.</summary>
internal readonly record struct Step(DateOnly Day, Act Act, Candidate Who)
{
    /// <summary>Whether it is between the candidate and UWV; what follows is of the college and the company.</summary>
    public bool IsAdvising => Act is Act.Ask or Act.Assess or Act.Advise;

    /// <summary>All that happens to one person.</summary>
    public static IEnumerable<Step> Of(Candidate who)
    {
        var told = who.History;
        yield return new(told.ReceivedOn, Act.Ask, who);
        if (told.Advice is { } advice)
        {
            yield return new(advice.AssessedOn, Act.Assess, who);
            yield return new(advice.IssuedOn, Act.Advise, who);
        }

        if (told.Determination is { } determination) yield return new(determination.DeterminedOn, Act.Determine, who);
        if (told.Offer is { } offer) yield return new(offer.OfferedOn, Act.Offer, who);
        if (told.Offer?.AnsweredOn is { } answered) yield return new(answered, Act.Answer, who);
        if (told.Alternative is { } alternative) yield return new(alternative.OfferedOn, Act.OfferAlternative, who);
        if (told.Dropout is { } dropout) yield return new(dropout.DroppedOutOn, Act.DropOut, who);
        if (told.Placement is { } placement) yield return new(placement.StartOn, Act.Start, who);
        if (told.Placement?.LastDay is { } lastDay) yield return new(lastDay, Act.End, who);
    }

    /// <summary>In the order in which one municipality lives through them.</summary>
    public static IOrderedEnumerable<Step> InOrder(IEnumerable<Step> steps) => steps
        .OrderBy(step => step.Day).ThenBy(step => step.Act).ThenBy(step => step.Who.History.Offer?.Order).ThenBy(step => step.Who.History.Number);
}
