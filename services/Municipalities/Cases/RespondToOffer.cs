using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Records the candidate's answer. Declining frees the place; declining a fitting offer also meets the duty.</summary>
static class RespondToOffer
{
    public static RespondToOfferResponse Run(RespondToOfferRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        session.RequireOwn(record.Row);
        var offerId = session.Offer(record.Row, request.OfferId).OfferId;
        var day = request.AnsweredOn.ToDateOnly();
        record.Record(record.Decide(day, view => CaseRules.Answer(view, offerId, request.Accepted, request.Fitting, day)));
        return new RespondToOfferResponse { CaseId = record.Row.CaseId.Text(), State = record.Row.State, Version = record.Row.Version };
    }
}
