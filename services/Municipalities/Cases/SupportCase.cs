using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>One candidate of one municipality. Whether something may happen is for <see cref="CaseRules"/>; here is what it changes.</summary>
public sealed class SupportCase
{
    public required Guid CaseId { get; init; }

    public required Guid PersonId { get; init; }

    public CaseState State { get; private set; } = CaseState.Identified;

    public required CandidateSource Source { get; init; }

    public required Benefit Benefit { get; set; }

    /// <summary>Numbers of <see cref="SupportNeed"/>, separated by commas.</summary>
    public string SupportNeeds { get; private set; } = "";

    public bool KnownToMunicipality { get; init; }

    public required DateOnly OpenedOn { get; init; }

    public Guid? AdviceRequestId { get; private set; }

    /// <summary>request_id of the call that asks UWV, from before it asks: a retry after a crash is let through by it.</summary>
    public Guid? AskedBy { get; set; }

    public Verdict Verdict { get; private set; }

    public DateOnly? AdvisedOn { get; private set; }

    public Determination Determination { get; private set; }

    public DateOnly? DeterminedOn { get; private set; }

    public DateOnly? NotifiedOn { get; private set; }

    /// <summary>Why the decision deviates from the advice; sealed, because free text may name a person.</summary>
    public byte[]? DeviationReason { get; set; }

    public bool DutyOpen { get; private set; }

    public Guid? OfferId { get; private set; }

    /// <summary>Day of leaving sheltered work or of dropping out; the basis of whatever follows.</summary>
    public DateOnly? LeftOn { get; private set; }

    public DateOnly? DroppedOutOn { get; private set; }

    /// <summary>Numbers of <see cref="DiscrepancyKind"/>, separated by commas.</summary>
    public string Discrepancies { get; private set; } = "";

    /// <summary>Actor of the citizen's own request, such as <c>citizen:…</c>; null when the municipality asked.</summary>
    public string? Citizen { get; set; }

    public long Version { get; private set; } = 1;

    public IEnumerable<SupportNeed> Needs
    {
        get => Numbers(SupportNeeds).Select(number => (SupportNeed)number);
        set => SupportNeeds = string.Join(',', value.Distinct().Order().Select(need => (int)need));
    }

    public IEnumerable<DiscrepancyKind> FoundDiscrepancies => Numbers(Discrepancies).Select(number => (DiscrepancyKind)number);

    /// <summary>A request at UWV: a new round, in which earlier decisions no longer stand.</summary>
    public void AdviceAsked(Guid adviceRequestId)
    {
        AdviceRequestId = adviceRequestId;
        (Verdict, AdvisedOn) = (Verdict.Unspecified, null);
        (Determination, DeterminedOn, NotifiedOn, DeviationReason) = (Determination.Unspecified, null, null, null);
        Become(CaseState.Requested, dutyOpen: false);
    }

    /// <summary>UWV's advice on the round that runs, or that it opens by itself.</summary>
    public void Apply(AdviceIssued advice)
    {
        var request = Ids.Parse(advice.AdviceRequestId);
        if (request != AdviceRequestId) AdviceAsked(request);
        (Verdict, AdvisedOn) = (advice.Verdict, advice.IssuedOn.ToDateOnly());
        if (State == CaseState.DroppedOut) Version++; // who dropped out while UWV was at work does not come back by its advice
        else Become(advice.Verdict == Verdict.Positive ? CaseState.AdvisedPositive : CaseState.AdvisedNegative, dutyOpen: false);
    }

    public void Apply(AdviceWithdrawn _) => Become(CaseState.AdviceWithdrawn, dutyOpen: false);

    public void Apply(CaseDetermined determined)
    {
        Determination = determined.Determination;
        DeterminedOn = determined.DeterminedOn.ToDateOnly();
        NotifiedOn = determined.NotifiedOn.ToDateOnly();
        if (Determination == Determination.Positive) Become(CaseState.DeterminedPositive, dutyOpen: true);
        else Become(CaseState.DeterminedNegative, dutyOpen: false);
    }

    public void Apply(PlaceOffered offered)
    {
        OfferId = Ids.Parse(offered.OfferId);
        Become(CaseState.OfferOpen, dutyOpen: false);
    }

    public void Apply(OfferWithdrawn _) => Become(CaseState.DeterminedPositive, dutyOpen: true);

    public void Apply(OfferAnswered answered)
    {
        if (answered.Accepted) Become(CaseState.OfferAccepted, dutyOpen: false);
        else if (answered.Fitting) Become(CaseState.OfferDeclined, dutyOpen: false);
        else Become(CaseState.DeterminedPositive, dutyOpen: true);
    }

    public void Apply(AlternativeOffered _) => Become(CaseState.AlternativeOffered, dutyOpen: false);

    public void Apply(CandidateDroppedOut dropped)
    {
        DroppedOutOn = LeftOn = dropped.DroppedOutOn.ToDateOnly();
        Become(CaseState.DroppedOut, dutyOpen: false);
    }

    /// <summary>A placement was reported.</summary>
    public void StartedWork() => Become(CaseState.Placed, dutyOpen: false);

    /// <summary>The last placement ended.</summary>
    /// <param name="lastDay">Last day worked.</param>
    /// <param name="stillDetermined">Whether the determination stands, so that a new place is owed.</param>
    public void LeftWork(DateOnly lastDay, bool stillDetermined)
    {
        LeftOn = lastDay;
        Become(stillDetermined ? CaseState.DeterminedPositive : CaseState.Exited, dutyOpen: stillDetermined);
    }

    /// <summary>The placement never was: the accepted offer stands again.</summary>
    public void NeverStarted() => Become(CaseState.OfferAccepted, dutyOpen: false);

    public void Note(DiscrepancyKind kind)
    {
        if (!FoundDiscrepancies.Contains(kind)) Discrepancies = string.Join(',', Numbers(Discrepancies).Append((int)kind));
        Version++;
    }

    private void Become(CaseState state, bool dutyOpen)
    {
        (State, DutyOpen) = (state, dutyOpen);
        Version++;
    }

    private static IEnumerable<int> Numbers(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number));
}
