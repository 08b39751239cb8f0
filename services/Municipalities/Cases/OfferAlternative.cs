using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Offers something else, which is what is owed when the number is reached, also when it is 0.</summary>
static class OfferAlternative
{
    public static OfferAlternativeResponse Run(OfferAlternativeRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var day = request.OfferedOn.ToDateOnly();
        var ledger = new Ledger(session.Command);
        var reached = QuotaArithmetic.IsReached(ledger.NumberOn(day), ledger.HeldFrom(day, record.Row.CaseId));
        record.Record(record.Decide(day, view => CaseRules.OfferAlternative(view, request.Kind, day, reached)));
        return new OfferAlternativeResponse { CaseId = record.Row.CaseId.Text(), State = record.Row.State, Version = record.Row.Version };
    }
}
