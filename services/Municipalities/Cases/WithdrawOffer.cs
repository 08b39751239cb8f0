using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Withdraws an offer: its place is free, and the duty is open again.</summary>
static class WithdrawOffer
{
    public static WithdrawOfferResponse Run(WithdrawOfferRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var offer = session.Offer(record.Row, request.OfferId);
        var day = request.WithdrawnOn.ToDateOnly();
        var withdrawn = record.Decide(day, view => CaseRules.Withdraw(view, offer.OfferId, day));

        offer.WithdrawalReason = session.Seal(request.Reason, offer.OfferId);
        record.Record(withdrawn);
        return new WithdrawOfferResponse { CaseId = record.Row.CaseId.Text(), State = record.Row.State, Version = record.Row.Version };
    }
}
