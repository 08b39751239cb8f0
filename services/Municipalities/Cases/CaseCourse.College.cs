using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <content>What the college does: it decides, offers places and other offers, and records who drops out.</content>
public sealed partial class CaseCourse
{
    private void Determined(CaseDetermined determined, DateOnly day, long position)
    {
        var state = _works ? CaseState.Placed : _track;
        if (CaseRules.Confirms(state, _determination, determined.Determination, _laterAdvice is not null))
        {
            AnswerLaterAdvice();
            _decisionAt = position;
            return;
        }

        // The same decision twice is no contradiction: of a person who was known twice, each case had its own.
        if (CaseRules.MayBeDetermined(state, _determination, determined.Determination)) AnswerLaterAdvice();
        else if (determined.Determination == _determination && CaseRules.IsDecidedPositive(state)) return;
        else ContradictAct(determined, day);
        (_determination, _determinedOn, _notifiedOn, _decisionAt) = (determined.Determination, day, determined.NotifiedOn.ToDateOnly(), position);
        if (_works) return;
        _track = determined.Determination == Determination.Positive ? ByOffers(CaseState.DeterminedPositive) : CaseState.DeterminedNegative;
        if (determined.Determination == Determination.Positive) AcceptEarlierWork(day);
    }

    /// <summary>The college looked at what UWV advised after its decision.</summary>
    private void AnswerLaterAdvice()
    {
        if (_laterAdvice is not { } advice) return;
        (_verdict, _advisedOn, _request) = (advice.Verdict, advice.IssuedOn.ToDateOnly(), Ids.Parse(advice.AdviceRequestId));
        _contradictions.RemoveAll(found => found.Kind == DiscrepancyKind.AdviceAfterDetermination);
        _laterAdvice = null;
    }

    /// <summary>Work that began without a determination rests on this one; who still works is placed.</summary>
    private void AcceptEarlierWork(DateOnly day)
    {
        foreach (var (placement, without) in _undetermined)
        {
            var id = placement.PlacementId.Text();
            _contradictions.Remove(new Contradiction(DiscrepancyKind.PlacedWithoutDetermination, id));
            if (without is { } kind) _contradictions.Add(new Contradiction(kind, id));
            if (!placement.Record.IsInForce(day)) continue;
            Work(placement);
        }

        _undetermined.Clear();
    }

    private void Offered(PlaceOffered offered, DateOnly day)
    {
        var offer = new OfferView(
            Ids.Parse(offered.OfferId), day, offered.PlannedStart.ToDateOnly(), offered.MinutesPerWeek, offered.AboveNumber,
            OfferState.Open, AnsweredOn: null, FreedFrom: null);
        var may = _works ? CaseRules.MayFollow(View(day), offer.PlannedStart) : CaseRules.MayBeOffered(_track);
        // An offer for a day on which somebody works contradicts only as long as it stands: see OffersWhileAtWork.
        if (!may && _offers.Exists(other => other.Stands)) _secondOffers.Add(Contradicted(offered, day));
        else if (!may && !_works) ContradictAct(offered, day);
        // Beneath the work it is the place for afterwards, also when the work turns out to last longer.
        if (may || (_works && CaseRules.MayBeOffered(_track) && !_offers.Exists(other => other.Stands))) _track = CaseState.OfferOpen;
        _offers.Add(offer);
    }

    private void Answered(OfferAnswered answered, DateOnly day)
    {
        if (Find(Ids.Parse(answered.OfferId)) is not { State: OfferState.Open } offer)
        {
            ContradictAct(answered, day);
            return;
        }

        var isCurrent = _track == CaseState.OfferOpen && IsCurrent(offer);
        Put(offer with
        {
            State = answered.Accepted ? OfferState.Accepted : OfferState.Refused,
            AnsweredOn = day,
            FreedFrom = answered.Accepted ? null : day,
        });
        if (!isCurrent) return;
        _track = ByOffers(answered.Fitting ? CaseState.OfferDeclined : CaseState.DeterminedPositive);
    }

    private void Withdrawn(OfferWithdrawn withdrawn, DateOnly day)
    {
        if (Find(Ids.Parse(withdrawn.OfferId)) is not { Stands: true } offer)
        {
            ContradictAct(withdrawn, day);
            return;
        }

        var isCurrent = _track is CaseState.OfferOpen or CaseState.OfferAccepted && IsCurrent(offer);
        Put(offer with { State = OfferState.Retracted, FreedFrom = day });
        if (isCurrent) _track = ByOffers(CaseState.DeterminedPositive);
        if (_offers.Count(other => other.Stands) < 2) _secondOffers.Clear();
    }

    /// <summary>By the offer that stands, of several by the latest; without one the other.</summary>
    private CaseState ByOffers(CaseState otherwise) => _offers.FindLast(offer => offer.Stands)?.State switch
    {
        OfferState.Accepted => CaseState.OfferAccepted,
        OfferState.Open => CaseState.OfferOpen,
        _ => otherwise,
    };

    private void Alternative(AlternativeOffered offered, DateOnly day)
    {
        if (_works || !CaseRules.MayBeOffered(_track)) ContradictAct(offered, day);
        else _track = CaseState.AlternativeOffered;
    }

    private void DroppedOut(CandidateDroppedOut dropped, DateOnly day)
    {
        _recordedDropouts.Add((CaseRules.EndingFor(dropped.Reason), day));
        // The company may have told the same.
        if ((_track == CaseState.DroppedOut && !_works) || calendar.EndedBefore(day.AddDays(1)).Any(ended => ended.Record.End?.Reason == EndReason.Dropout)) return;
        if (_works || _track == CaseState.Exited)
        {
            ContradictAct(dropped, day);
            return;
        }

        (_track, _droppedOutOn) = (CaseState.DroppedOut, day);
        LapseStanding(day);
    }
}
