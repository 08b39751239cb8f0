using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Takes the steps of a case one by one, in order of their days, and says what the case is after them. Work and what the college
/// does are two layers: while the candidate works the case is PLACED, and beneath that stands what it is as soon as the work
/// ends. What a step contradicts is noted and never refused: rules refuse before a fact is recorded.
/// </summary>
/// <param name="identity">Whose course it is.</param>
/// <param name="calendar">All placements of the case, also those that begin later.</param>
public sealed partial class CaseCourse(CaseIdentity identity, WorkCalendar calendar)
{
    private readonly List<OfferView> _offers = [];
    private readonly List<Contradiction> _contradictions = [];

    // Offers made while another stood, until all but one are withdrawn.
    private readonly List<Contradiction> _secondOffers = [];
    private readonly List<CourseDay> _days = [];
    private readonly List<DateOnly> _duties = [];
    private readonly List<CandidateDroppedOut> _dropouts = [];

    // Dropouts before placement: how UWV ends a request for each, and its day.
    private readonly List<(AdviceEnding Ending, DateOnly Day)> _recordedDropouts = [];

    private readonly Dictionary<Guid, DateOnly> _asked = [];
    private readonly List<Guid> _running = [];
    private readonly List<(CasePlacement Placement, DiscrepancyKind? Without)> _undetermined = [];

    private CaseState _track = CaseState.Identified;
    private bool _works;
    private DateOnly _worksUntil;
    private Guid? _request;
    private Verdict _verdict;
    private DateOnly? _advisedOn;
    private Determination _determination;
    private DateOnly? _determinedOn;
    private DateOnly? _notifiedOn;
    private long? _decisionAt;
    private DateOnly? _droppedOutOn;

    // The dropout from which the round that runs is a return; null for none.
    private DateOnly? _returnsFrom;
    private AdviceIssued? _laterAdvice;

    /// <summary>Facts that others contradict, each once.</summary>
    public IReadOnlyCollection<Contradiction> Contradictions => [.. _contradictions.Concat(_secondOffers).Concat(OffersWhileAtWork()).Distinct()];

    /// <summary>What the case counts as from each day on which that changed, the day itself included.</summary>
    public IReadOnlyList<CourseDay> Days => _days;

    /// <summary>Days from which a place is owed again because work ended.</summary>
    public IReadOnlyList<DateOnly> Duties => _duties;

    /// <summary>Dropouts at work, as the ends of placements tell them.</summary>
    public IReadOnlyList<CandidateDroppedOut> Dropouts => _dropouts;

    /// <summary>The offers, in the order in which they were made.</summary>
    public IReadOnlyList<OfferView> Offers => _offers;

    /// <summary>Notes what contradicts beside the steps.</summary>
    internal void Contradict(IEnumerable<Contradiction> found) => _contradictions.AddRange(found);

    /// <summary>What the case is after the steps that were taken.</summary>
    /// <param name="day">The day for which it is asked.</param>
    internal CaseView View(DateOnly day)
    {
        var until = _works ? calendar.WorksUntil(day) : (DateOnly?)null;
        return new CaseView
        {
            Identity = identity,
            State = _works ? CaseState.Placed : _track,
            AdviceRequestId = _request,
            Verdict = _verdict,
            AdvisedOn = _advisedOn,
            LaterAdvice = _laterAdvice,
            Determination = _determination,
            DeterminedOn = _determinedOn,
            NotifiedOn = _notifiedOn,
            DecisionAt = _decisionAt,
            DroppedOutOn = !_works && _track == CaseState.DroppedOut ? _droppedOutOn : null,
            Offers = [.. _offers],
            WorksUntil = until,
            AfterWork = until is { } last && last < DateOnly.MaxValue ? After(last.AddDays(1)) : CaseState.Unspecified,
        };
    }

    internal void Take(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.OfferEnds: EndOffer(step.Placement!.OfferId, step.Day); break;
            case StepKind.Stop: Stop(step.Day); break;
            case StepKind.Start: Start(step.Placement!); break;
            default: Take(step.Fact, step.Day); break;
        }

        Count(step.Day);
    }

    private void Take(CaseFact fact, DateOnly day)
    {
        switch (fact.Data)
        {
            case AdviceRequested requested: Requested(Ids.Parse(requested.AdviceRequestId), day); break;
            case AdviceIssued advice: Advised(advice, day); break;
            case AdviceWithdrawn withdrawn: Withdrawn(withdrawn, day); break;
            case CaseDetermined determined: Determined(determined, day, fact.Position); break;
            case PlaceOffered offered: Offered(offered, day); break;
            case OfferAnswered answered: Answered(answered, day); break;
            case OfferWithdrawn withdrawn: Withdrawn(withdrawn, day); break;
            case AlternativeOffered offered: Alternative(offered, day); break;
            case CandidateDroppedOut dropped: DroppedOut(dropped, day); break;
        }
    }

    // What UWV tells.

    /// <summary>A new round: earlier decisions no longer stand.</summary>
    private void Requested(Guid request, DateOnly day)
    {
        _asked[request] = day;
        _running.Add(request);
        if (_works || !CaseRules.BeginsRound(_track)) return;
        Begin(request);
    }

    private void Advised(AdviceIssued advice, DateOnly day)
    {
        var request = Ids.Parse(advice.AdviceRequestId);
        _running.Remove(request);
        // Told again after a restore.
        if (request == _request && (_verdict, _advisedOn) == (advice.Verdict, day)) return;
        if (_works || CaseRules.IsDecidedPositive(_track))
        {
            _laterAdvice = advice;
            _contradictions.Add(new Contradiction(DiscrepancyKind.AdviceAfterDetermination, advice.AdviceRequestId));
            return;
        }

        // An advice does not undo a dropout: a return begins with a request.
        var isDroppedOut = _track == CaseState.DroppedOut;
        // Of one that the citizen did not share only the advice is known, and when UWV received it.
        if (isDroppedOut && request != _request && (_asked.ContainsKey(request) || advice.ReceivedOn.ToDateOnlyOrNull() < _droppedOutOn)) return;
        var begins = request != _request;
        if (begins) Begin(request);
        (_verdict, _advisedOn) = (advice.Verdict, day);
        if (isDroppedOut && !begins) return;
        _track = advice.Verdict == Verdict.Positive ? CaseState.AdvisedPositive : CaseState.AdvisedNegative;
    }

    private void Withdrawn(AdviceWithdrawn withdrawn, DateOnly day)
    {
        var request = Ids.Parse(withdrawn.AdviceRequestId);
        _running.Remove(request);
        if (_track != CaseState.Requested || request != _request) return;
        // Of a person who was known twice, UWV goes on with the other request.
        if (_running.Count > 0)
        {
            _request = _running[^1];
            return;
        }

        // It was no return: the dropout ended it.
        var isStillOut = _returnsFrom is not null && IsEndedByDropout(request, withdrawn.Ending, day);
        (_track, _droppedOutOn) = isStillOut ? (CaseState.DroppedOut, _returnsFrom) : (CaseState.AdviceWithdrawn, null);
    }

    /// <summary>UWV ends a request for a dropout on the day of the dropout; one that it received later on the day of receipt.</summary>
    private bool IsEndedByDropout(Guid request, AdviceEnding ending, DateOnly day) =>
        _asked.TryGetValue(request, out var receivedOn)
        && _recordedDropouts.Exists(dropped => dropped.Ending == ending && day == (dropped.Day < receivedOn ? receivedOn : dropped.Day));

    private void Begin(Guid request)
    {
        _request = request;
        (_verdict, _advisedOn) = (Verdict.Unspecified, null);
        (_determination, _determinedOn, _notifiedOn, _decisionAt) = (Determination.Unspecified, null, null, null);
        _laterAdvice = null;
        (_returnsFrom, _droppedOutOn) = (_track == CaseState.DroppedOut ? _droppedOutOn : null, null);
        _track = CaseState.Requested;
    }

    // What is kept of the way.

    /// <summary>Notes what the case counts as from that day on; the last word of a day holds.</summary>
    private void Count(DateOnly day)
    {
        if (_days.Count > 0 && _days[^1].From == day) _days.RemoveAt(_days.Count - 1);
        _days.Add(new CourseDay(day, _track, _track is CaseState.OfferOpen or CaseState.OfferAccepted ? CurrentOffer() : null));
    }

    /// <summary>An offer that stands although the candidate works without a known end, or until after its start.</summary>
    private IEnumerable<Contradiction> OffersWhileAtWork() => _offers
        .Where(offer => offer.Stands && calendar.Placements.Any(other => other.OfferId != offer.OfferId && other.Record.IsInForce(offer.PlannedStart)))
        .Select(offer => new Contradiction(DiscrepancyKind.OfferWhileAtWork, offer.OfferId.Text()));

    private void ContradictAct(IMessage act, DateOnly day) => _contradictions.Add(Contradicted(act, day));

    private static Contradiction Contradicted(IMessage act, DateOnly day) =>
        new(DiscrepancyKind.ActContradicted, $"{EventTypes.Of(act.Descriptor).Name} of {day:yyyy-MM-dd}");

    private OfferView? Find(Guid offerId) => _offers.Find(offer => offer.OfferId == offerId);

    private OfferView? CurrentOffer() => _offers.FindLast(offer => offer.Stands || offer.State == OfferState.Realised);

    private bool IsCurrent(OfferView offer) => CurrentOffer()?.OfferId == offer.OfferId;

    private void Put(OfferView offer) => _offers[_offers.FindIndex(known => known.OfferId == offer.OfferId)] = offer;
}

/// <summary>What the case is from a day on beneath work.</summary>
/// <param name="Track">What it is, or would be if nobody worked.</param>
/// <param name="Offer">The offer that holds a place then, if one does.</param>
public sealed record CourseDay(DateOnly From, CaseState Track, OfferView? Offer);
