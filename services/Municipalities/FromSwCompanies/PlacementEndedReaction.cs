using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;

namespace BeschutWerk.Municipalities.FromSwCompanies;

/// <summary>A placement ended: its place is free the day after, unless the candidate goes on working on the same offer.</summary>
static class PlacementEndedReaction
{
    public static void Apply(PlacementEnded ended, ReceivedEvent received, WriteSession<MunicipalityStore> session)
    {
        if (session.Store.FindCase(Ids.Parse(ended.CaseId)) is not { } supportCase)
        {
            session.RaiseDiscrepancy(DiscrepancyKind.EndedWithoutPlacement, ended.PlacementId);
            return;
        }

        session.Remember(supportCase.CaseId, received.Position);
        var placementId = Ids.Parse(ended.PlacementId);
        var standings = session.Standings(supportCase.CaseId);
        if (standings.OfferOf(placementId) is not { } offerId)
        {
            session.RaiseDiscrepancy(supportCase, DiscrepancyKind.EndedWithoutPlacement, ended.PlacementId);
            return;
        }

        var offer = session.Store.FindOffer(offerId);
        if (CaseRules.OnEnd(ended.Reason) == AfterWork.NeverStarted) Undo(supportCase, offer, placementId, standings);
        else End(ended, supportCase, offer, placementId, standings, session);
    }

    private static void End(
        PlacementEnded ended, SupportCase supportCase, PlaceOffer? offer, Guid placementId, CaseStandings standings, WriteSession<MunicipalityStore> session)
    {
        var lastDay = ended.LastDay.ToDateOnly();
        var nextDay = lastDay.AddDays(1);
        standings.Stops(placementId, lastDay);
        if (offer is not null && !standings.WorksElsewhere(placementId, nextDay, offer.OfferId))
        {
            offer.Lapse();
            session.RaiseOn(supportCase.CaseId, new PlaceFreed
            {
                CaseId = ended.CaseId,
                OfferId = offer.OfferId.Text(),
                FreedFrom = nextDay.ToDate(),
            });
        }

        if (supportCase.State != CaseState.Placed || standings.WorksElsewhere(placementId, nextDay)) return;
        switch (CaseRules.OnEnd(ended.Reason))
        {
            case AfterWork.DroppedOut:
                var dropped = CaseRules.DroppedOutAtWork(supportCase, ended);
                supportCase.Apply(dropped);
                session.RaiseOn(supportCase.CaseId, dropped);
                break;
            case AfterWork.OwedAgain:
                supportCase.LeftWork(lastDay, stillDetermined: true);
                standings.Waits(nextDay);
                break;
            default:
                supportCase.LeftWork(lastDay, stillDetermined: false);
                break;
        }
    }

    /// <summary>The accepted offer stands again, and its place is reserved as before.</summary>
    private static void Undo(SupportCase supportCase, PlaceOffer? offer, Guid placementId, CaseStandings standings)
    {
        var from = standings.Unsay(placementId)!.Value;
        if (supportCase.State != CaseState.Placed || standings.WorksElsewhere(placementId, from)) return;
        if (offer is null)
        {
            supportCase.LeftWork(from, stillDetermined: true);
            standings.Waits(from);
            return;
        }

        supportCase.NeverStarted();
        offer.StandAgain();
        standings.Reserves(offer.OfferId, offer.MinutesPerWeek, from);
    }
}
