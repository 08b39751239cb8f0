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
        var supportCase = session.Case(request.CaseId);
        var day = request.OfferedOn.ToDateOnly();
        var ledger = new Ledger(session.Command);
        var reached = QuotaArithmetic.IsReached(ledger.NumberOn(day), ledger.HeldFrom(day, supportCase.CaseId));
        var offered = CaseRules.OfferAlternative(supportCase, request.Kind, day, reached).OrThrow();

        supportCase.Apply(offered);
        session.Standings(supportCase.CaseId).IsServedOtherwise(day);
        session.RaiseOn(supportCase.CaseId, offered);
        return new OfferAlternativeResponse { CaseId = request.CaseId, State = supportCase.State, Version = supportCase.Version };
    }
}
