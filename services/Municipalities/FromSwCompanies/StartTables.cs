using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>
/// The SQL of placements that begin after every other fact of their case and contradict none, which are nearly all: a report tells
/// of up to a hundred at once, and computing each case again takes ten times as long. What it writes is what
/// <see cref="CaseRecord"/> writes of the same facts; a test computes the cases again and finds nothing to change.
/// </summary>
internal sealed class StartTables(WriteSession<MunicipalityStore> session)
{
    private readonly Statement _known = session.Statement("""
        SELECT c.determination, c.state, c.offer_id, c.frontier_on, c.works_until, c.turns_on, o.state
        FROM cases c JOIN offers o ON o.offer_id = ?2 AND o.case_id = c.case_id
        WHERE c.case_id = ?1 AND c.discrepancies = '' AND c.frontier_on <= ?3
          AND NOT EXISTS (SELECT 1 FROM standings WHERE placement_id = ?4)
        """);

    // Of the kinds in its index (standings_held) only work.
    private readonly Statement _before = session.Statement("""
        SELECT 1 FROM standings
        WHERE last_day = ?3 AND case_id = ?1 AND superseded_at IS NULL AND kind IN (2, 3) AND kind = 3 AND offer_id = ?2
        """);

    private readonly Statement _place = session.Statement("""
        UPDATE cases SET state = ?2, duty_open = 0, frontier_on = ?3, works_until = ?4, turns_on = ?5, version = version + 1 WHERE case_id = ?1
        """);

    private readonly Statement _realise = session.Statement("UPDATE offers SET state = ?2 WHERE offer_id = ?1");

    private readonly StandingRows _standings = new(session);

    /// <summary>The candidate works on the offer that they accepted; false, and nothing done, when the case must be looked at.</summary>
    public bool TryStart(ReportedPlacement placement, long position)
    {
        var (caseId, offerId, placementId) = (Ids.Parse(placement.CaseId), Ids.Parse(placement.OfferId), Ids.Parse(placement.PlacementId));
        var (from, last) = (placement.StartOn.ToDateOnly(), PlacementChange.DayOrNone(placement.LastDay));
        if (Known(caseId, offerId, placementId, from) is not { } known) return false;
        // Work that is over already may also follow work that ended so long ago that its place was told to be free. The case is
        // then due again: what follows from all such work is computed and told once.
        var goesOn = known.GoesOn(offerId, from) || (known.Lapsed(offerId) && last < session.Today && EndedBefore(caseId, offerId, from));
        if (!goesOn) return false;

        Place(caseId, known, from, last);
        if (known.Offer != OfferState.Realised) Realise(offerId);
        _standings.Begin(
            caseId,
            new Standing(StandingKind.AtWork, placement.MinutesPerWeek, from, last == DateOnly.MaxValue ? null : last, offerId, placementId),
            position);
        return true;
    }

    private Found? Known(Guid caseId, Guid offerId, Guid placementId, DateOnly from)
    {
        _known.Bind(1, caseId);
        _known.Bind(2, offerId);
        _known.Bind(3, from);
        _known.Bind(4, placementId);
        Found? known = _known.Step()
            ? new Found(
                (Determination)_known.Number(0), (CaseState)_known.Number(1), _known.IdOrNull(2), _known.Date(3), _known.DateOrNull(4), _known.DateOrNull(5),
                (OfferState)_known.Number(6))
            : null;
        _known.Reset();
        return known;
    }

    private bool EndedBefore(Guid caseId, Guid offerId, DateOnly from)
    {
        _before.Bind(1, caseId);
        _before.Bind(2, offerId);
        _before.Bind(3, from.AddDays(-1));
        var found = _before.Step();
        _before.Reset();
        return found;
    }

    private void Place(Guid caseId, in Found known, DateOnly from, DateOnly last)
    {
        var until = known.WorksUntil > last ? known.WorksUntil.Value : last;
        var stops = last == DateOnly.MaxValue ? from : last.AddDays(1);
        // The first end that time brings; one that has passed is due, and the case is looked at.
        DateOnly? turns = last == DateOnly.MaxValue || known.TurnsOn < stops ? known.TurnsOn : stops;
        _place.Bind(1, caseId);
        _place.Bind(2, (int)CaseState.Placed);
        _place.Bind(3, stops > known.Frontier ? stops : known.Frontier);
        _place.Bind(4, until);
        _place.BindOrNull(5, turns);
        _place.Run();
    }

    private void Realise(Guid offerId)
    {
        _realise.Bind(1, offerId);
        _realise.Bind(2, (int)OfferState.Realised);
        _realise.Run();
    }

    /// <summary>The row of a case without contradictions, and an offer of it.</summary>
    private readonly record struct Found(
        Determination Determination, CaseState State, Guid? LatestOffer, DateOnly Frontier, DateOnly? WorksUntil, DateOnly? TurnsOn, OfferState Offer)
    {
        /// <summary>Whether work on that offer from that day begins with its acceptance, or follows earlier work on it without a gap.</summary>
        public bool GoesOn(Guid offerId, DateOnly from) => Determination == Determination.Positive && (Offer, State) switch
        {
            (OfferState.Accepted, CaseState.OfferAccepted) => LatestOffer == offerId,
            (OfferState.Realised, CaseState.Placed) => WorksUntil is { } until && (until == DateOnly.MaxValue || from <= until.AddDays(1)),
            _ => false,
        };

        /// <summary>Whether the last work was on that offer, and a place is owed since it ended.</summary>
        public bool Lapsed(Guid offerId) => Determination == Determination.Positive && State == CaseState.DeterminedPositive
            && Offer == OfferState.Lapsed && LatestOffer == offerId;
    }
}
