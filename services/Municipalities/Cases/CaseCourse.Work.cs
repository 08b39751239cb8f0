using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.Municipalities.Cases;

/// <content>What work makes of a case: its placements begin and end.</content>
public sealed partial class CaseCourse
{
    private void Start(CasePlacement placement)
    {
        var id = placement.PlacementId.Text();
        var offer = Find(placement.OfferId);
        if (CaseRules.OnPlacement(_determination, offer?.State) is { } kind) _contradictions.Add(new Contradiction(kind, id));
        if (_determination != Determination.Positive) _undetermined.Add((placement, CaseRules.OnPlacement(Determination.Positive, offer?.State)));
        if (offer is not null) Put(offer with { State = OfferState.Realised, FreedFrom = null });
        // Who works, works: the ledger counts them. Only without a determination they are no placed candidate of ours.
        if (_determination != Determination.Positive) return;
        Work(placement);
        // Beneath the work stands what is owed after it: a place again, unless another offer was made for then.
        var nextOfferStands = _track is CaseState.OfferOpen or CaseState.OfferAccepted && !(offer is not null && IsCurrent(offer));
        if (!nextOfferStands) _track = CaseState.DeterminedPositive;
    }

    private void Work(CasePlacement placement)
    {
        _worksUntil = _works && _worksUntil > placement.Record.LastDay ? _worksUntil : placement.Record.LastDay;
        _works = true;
    }

    /// <summary>Nobody works on from this day, unless another placement covers it.</summary>
    private void Stop(DateOnly day)
    {
        if (!_works || day <= _worksUntil || calendar.BeginsOn(day)) return;
        _track = After(day);
        _works = false;
        if (_track == CaseState.DroppedOut)
        {
            var ended = calendar.EndedBefore(day).First(placement => placement.Record.End is { Reason: EndReason.Dropout }).Record.End!.Value;
            _droppedOutOn = ended.LastDay;
            _dropouts.Add(CaseRules.DroppedOutAtWork(identity.CaseId, ended));
        }

        if (_track is CaseState.Exited or CaseState.DroppedOut) LapseStanding(day);
        if (_track == CaseState.DeterminedPositive) _duties.Add(day);
    }

    /// <summary>What the case is on the first day without work.</summary>
    private CaseState After(DateOnly day)
    {
        var ended = calendar.EndedBefore(day).Select(placement => CaseRules.OnEnd(placement.Record.End?.Reason)).ToList();
        // Of several that end on one day, what says something about the person counts before what says something about a contract.
        if (ended.Contains(AfterWork.Exited)) return CaseState.Exited;
        if (ended.Contains(AfterWork.DroppedOut)) return CaseState.DroppedOut;
        // More work on the same offer follows later: its place is kept.
        var isKept = _offers.Exists(offer => offer.State == OfferState.Realised && calendar.BeginsAfter(day, offer.OfferId));
        return isKept ? CaseState.OfferAccepted : _track;
    }

    private void EndOffer(Guid offerId, DateOnly day)
    {
        if (Find(offerId) is { State: OfferState.Realised } offer) Put(offer with { State = OfferState.Lapsed, FreedFrom = day });
    }

    private void LapseStanding(DateOnly day)
    {
        foreach (var offer in _offers.Where(offer => offer.Stands).ToList()) Put(offer with { State = OfferState.Lapsed, FreedFrom = day });
    }
}
