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

    private readonly StandingRows _standings = new(session);

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
        _standings.ForStart(caseId, from, placementId, position).Works(placementId, offerId, placement.MinutesPerWeek, from, placement.LastDay.ToDateOnlyOrNull());
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
}
