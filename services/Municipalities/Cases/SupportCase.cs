using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// The row of one candidate of one municipality: who and where found, and what the case is today. What it is follows from its
/// facts; the row repeats it, so that lists need not look at them.
/// </summary>
public sealed class SupportCase
{
    public required Guid CaseId { get; init; }

    public required Guid PersonId { get; set; }

    public CaseState State { get; private set; } = CaseState.Identified;

    public required CandidateSource Source { get; init; }

    public required Benefit Benefit { get; set; }

    /// <summary>Numbers of <see cref="SupportNeed"/>, separated by commas.</summary>
    public string SupportNeeds { get; private set; } = "";

    public bool KnownToMunicipality { get; init; }

    public required DateOnly OpenedOn { get; set; }

    public Guid? AdviceRequestId { get; private set; }

    public Verdict Verdict { get; private set; }

    public DateOnly? AdvisedOn { get; private set; }

    public Determination Determination { get; private set; }

    public DateOnly? DeterminedOn { get; private set; }

    public DateOnly? NotifiedOn { get; private set; }

    /// <summary>Where the decision that holds stands in the log; null for none.</summary>
    public long? DecisionAt { get; private set; }

    public bool DutyOpen { get; private set; }

    /// <summary>The latest offer.</summary>
    public Guid? OfferId { get; private set; }

    public DateOnly? DroppedOutOn { get; private set; }

    /// <summary>What the facts of the case contradict: <c>kind:fact</c>, separated by commas.</summary>
    public string Discrepancies { get; private set; } = "";

    public long Version { get; private set; } = 1;

    /// <summary>The latest day of its facts: work that begins then or later begins after all of them. Null: the facts must be looked at.</summary>
    public DateOnly? FrontierOn { get; private set; }

    /// <summary>Last day of the work of now, <see cref="DateOnly.MaxValue"/> for none; null when nobody works.</summary>
    public DateOnly? WorksUntil { get; private set; }

    /// <summary>The first day from which time alone may have changed the case since this row was written; null when none is known.</summary>
    public DateOnly? TurnsOn { get; private set; }

    public IEnumerable<SupportNeed> Needs
    {
        get => SupportNeeds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => (SupportNeed)int.Parse(number));
        set => SupportNeeds = string.Join(',', value.Distinct().Order().Select(need => (int)need));
    }

    /// <summary>What the facts of the case contradict now.</summary>
    public IEnumerable<Contradiction> Contradictions => Discrepancies.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Contradiction);

    /// <summary>Repeats what the history says of a day.</summary>
    /// <param name="history">All facts.</param>
    /// <param name="contradictions">What contradicts.</param>
    /// <param name="today">The day.</param>
    public void Become(CaseHistory history, IEnumerable<Contradiction> contradictions, DateOnly today)
    {
        var view = history.At(today);
        var before = (State, AdviceRequestId, Verdict, AdvisedOn, Determination, DeterminedOn, NotifiedOn, OfferId, DroppedOutOn, Discrepancies);
        (State, DutyOpen) = (view.State, view.DutyOpen);
        (AdviceRequestId, Verdict, AdvisedOn) = (view.AdviceRequestId, view.Verdict, view.AdvisedOn);
        (Determination, DeterminedOn, NotifiedOn, DecisionAt) = (view.Determination, view.DeterminedOn, view.NotifiedOn, view.DecisionAt);
        OfferId = view.Offers.Count == 0 ? null : view.Offers[^1].OfferId;
        DroppedOutOn = view.DroppedOutOn;
        Discrepancies = Text(contradictions);
        (FrontierOn, WorksUntil, TurnsOn) = (history.Frontier, view.WorksUntil, history.TurnsAfter(today));
        // Whether a place is still given away depends on what others hold: looked at each day.
        if (Contradictions.Any(found => found.Kind == DiscrepancyKind.PlaceGivenAway)) TurnsOn = today.AddDays(1);
        if (before != (State, AdviceRequestId, Verdict, AdvisedOn, Determination, DeterminedOn, NotifiedOn, OfferId, DroppedOutOn, Discrepancies)) Version++;
    }

    /// <summary>Something changed that does not follow from the facts.</summary>
    public void Changed() => Version++;

    /// <summary>Notes what must be looked at.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Note(Contradiction found)
    {
        if (Contradictions.Any(known => (known.Kind, known.Fact) == (found.Kind, found.Fact))) return false;
        Discrepancies = Text([.. Contradictions, found]);
        Version++;
        return true;
    }

    /// <summary>Somebody looked.</summary>
    public void Resolve(DiscrepancyKind kind) => Discrepancies = Text(Contradictions.Where(found => found.Kind != kind));

    private static string Text(IEnumerable<Contradiction> found) => string.Join(',', found.Select(one => $"{(int)one.Kind}:{one.Fact}").Distinct());

    // Before there were facts beside the kinds, a kind stood alone.
    private static Contradiction Contradiction(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new Contradiction((DiscrepancyKind)int.Parse(text), "")
            : new Contradiction((DiscrepancyKind)int.Parse(text.AsSpan(0, colon)), text[(colon + 1)..]);
    }
}
