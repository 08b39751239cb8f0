using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>
/// The SQL of placements that contradict nothing, which are nearly all: a report tells of up to a hundred at once, and
/// EF Core takes ten times as long for each. What it does to a case and its offer is what <see cref="SupportCase.StartedWork"/>
/// and <see cref="PlaceOffer.Realise"/> do.
/// </summary>
internal sealed class StartTables(WriteSession<MunicipalityStore> session)
{
    private readonly Statement _known = session.Statement("""
        SELECT c.determination, o.state FROM cases c LEFT JOIN offers o ON o.offer_id = ?2 AND o.case_id = c.case_id WHERE c.case_id = ?1
        """);

    private readonly Statement _place = session.Statement("UPDATE cases SET state = ?2, duty_open = 0, version = version + 1 WHERE case_id = ?1");

    private readonly Statement _realise = session.Statement("UPDATE offers SET state = ?2 WHERE offer_id = ?1");

    // Former work stays a current row of its case: the index of what is not work does not grow with it. Of work only what the
    // same placement had is asked for: it is told again when SwCompanies was restored.
    private readonly Statement _held = session.Statement("""
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings
        WHERE case_id = ?1 AND superseded_at IS NULL AND kind <> 3 AND (last_day IS NULL OR last_day >= ?2)
        UNION ALL
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings
        WHERE placement_id = ?3 AND case_id = ?1 AND superseded_at IS NULL
        """);

    private readonly Statement _supersede = session.Statement("UPDATE standings SET superseded_at = ?2 WHERE standing_id = ?1");

    private readonly Statement _add = session.Statement("""
        INSERT INTO standings (case_id, kind, minutes, from_on, last_day, offer_id, placement_id, followed, recorded_at, position)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    /// <summary>The candidate works on the offer that he accepted; false, and nothing done, when the case says otherwise.</summary>
    public bool TryStart(ReportedPlacement placement, long position)
    {
        var (caseId, offerId) = (Ids.Parse(placement.CaseId), Ids.Parse(placement.OfferId));
        if (Known(caseId, offerId) is not (var determination, var offer) || CaseRules.OnPlacement(determination, offer) is not null) return false;

        _place.Bind(1, caseId);
        _place.Bind(2, (int)CaseState.Placed);
        _place.Run();
        if (offer != OfferState.Realised) Realise(offerId);

        var from = placement.StartOn.ToDateOnly();
        var placementId = Ids.Parse(placement.PlacementId);
        var held = Held(caseId, from, placementId);
        new CaseStandings(caseId, session.Now, held, row => Add(row, position)).Works(placementId, offerId, placement.MinutesPerWeek, from, placement.LastDay.ToDateOnlyOrNull());
        foreach (var row in held)
        {
            if (row.SupersededAt is not null) Supersede(row);
        }

        return true;
    }

    private (Determination Determination, OfferState? Offer)? Known(Guid caseId, Guid offerId)
    {
        _known.Bind(1, caseId);
        _known.Bind(2, offerId);
        (Determination, OfferState?)? known = _known.Step()
            ? ((Determination)_known.Number(0), _known.IsNull(1) ? null : (OfferState)_known.Number(1))
            : null;
        _known.Reset();
        return known;
    }

    private void Realise(Guid offerId)
    {
        _realise.Bind(1, offerId);
        _realise.Bind(2, (int)OfferState.Realised);
        _realise.Run();
    }

    /// <summary>What the case holds or is owed on a day or later, as far as it is not work, and what was told of the placement before.</summary>
    private List<Standing> Held(Guid caseId, DateOnly from, Guid placementId)
    {
        _held.Bind(1, caseId);
        _held.Bind(2, from);
        _held.Bind(3, placementId);
        var held = new List<Standing>();
        while (_held.Step())
        {
            held.Add(new Standing
            {
                StandingId = _held.Number(0),
                CaseId = caseId,
                Kind = (StandingKind)_held.Number(1),
                Minutes = (int)_held.Number(2),
                FromOn = _held.Date(3),
                LastDay = _held.DateOrNull(4),
                OfferId = _held.IdOrNull(5),
                PlacementId = _held.IdOrNull(6),
                RecordedAt = session.Now, // not asked for: nobody looks at it
            });
        }

        _held.Reset();
        return held;
    }

    private void Supersede(Standing row)
    {
        _supersede.Bind(1, row.StandingId);
        _supersede.Bind(2, session.Now.ToUnixTimeMilliseconds());
        _supersede.Run();
    }

    private void Add(Standing row, long position)
    {
        _add.Bind(1, row.CaseId);
        _add.Bind(2, (int)row.Kind);
        _add.Bind(3, row.Minutes);
        _add.Bind(4, row.FromOn);
        _add.BindOrNull(5, row.LastDay);
        _add.BindOrNull(6, row.OfferId);
        _add.BindOrNull(7, row.PlacementId);
        _add.Bind(8, row.Followed ? 1 : 0);
        _add.Bind(9, row.RecordedAt.ToUnixTimeMilliseconds());
        _add.Bind(10, position);
        _add.Run();
    }
}
