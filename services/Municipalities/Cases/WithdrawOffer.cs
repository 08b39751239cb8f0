using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Withdraws an offer: its place is free, and the duty is open again.</summary>
static class WithdrawOffer
{
    public static WithdrawOfferResponse Run(WithdrawOfferRequest request, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        var offer = session.Offer(supportCase, request.OfferId);
        var withdrawn = CaseRules.Withdraw(offer, request.WithdrawnOn.ToDateOnly()).OrThrow();

        offer.Retract(session.Seal(request.Reason, offer.OfferId));
        session.RaiseOn(supportCase.CaseId, withdrawn);
        session.RaiseOn(supportCase.CaseId, new PlaceFreed { CaseId = request.CaseId, OfferId = request.OfferId, FreedFrom = request.WithdrawnOn });
        // A case that works on another offer, which contradicts this one, goes on working.
        if (supportCase.State is CaseState.OfferOpen or CaseState.OfferAccepted)
        {
            supportCase.Apply(withdrawn);
            session.Standings(supportCase.CaseId).Waits(request.WithdrawnOn.ToDateOnly());
        }
        else
        {
            session.Standings(supportCase.CaseId).Leaves(request.WithdrawnOn.ToDateOnly());
        }

        return new WithdrawOfferResponse { CaseId = request.CaseId, State = supportCase.State, Version = supportCase.Version };
    }
}
