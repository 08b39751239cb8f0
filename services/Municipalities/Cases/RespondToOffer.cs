using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Records the candidate's answer. Declining frees the place; declining a fitting offer also meets the duty.</summary>
static class RespondToOffer
{
    public static RespondToOfferResponse Run(RespondToOfferRequest request, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        session.RequireOwn(supportCase);
        var offer = session.Offer(supportCase, request.OfferId);
        var day = request.AnsweredOn.ToDateOnly();
        var answered = CaseRules.Answer(supportCase, offer, request.Accepted, request.Fitting, day).OrThrow();

        offer.Apply(answered);
        supportCase.Apply(answered);
        session.RaiseOn(supportCase.CaseId, answered);
        if (!answered.Accepted)
        {
            session.RaiseOn(supportCase.CaseId, new PlaceFreed { CaseId = request.CaseId, OfferId = request.OfferId, FreedFrom = request.AnsweredOn });
            var standings = session.Standings(supportCase.CaseId);
            if (answered.Fitting) standings.IsServedOtherwise(day);
            else standings.Waits(day);
        }

        return new RespondToOfferResponse { CaseId = request.CaseId, State = supportCase.State, Version = supportCase.Version };
    }
}
