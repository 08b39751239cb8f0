using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Takes back an act that was recorded wrongly. It is one more fact of the case: the act stays on the timeline, and everything is
/// computed as if it had never been.
/// </summary>
static class TakeBackAct
{
    public static TakeBackActResponse Run(TakeBackActRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var row = record.Row;
        var eventId = Ids.Parse(request.EventId);
        var act = record.History.Facts.FirstOrDefault(fact => fact.EventId == eventId);
        if (act.Data is null) throw Refusal.NotFound("event").ToException();
        var day = request.TakenBackOn.ToDateOnly();
        var takenBack = record.Decide(day, _ => CaseRules.TakeBack(record.History, act, day));

        ClearOffer(takenBack, session);
        session.KeepReason(record.Record(takenBack), request.Reason, row.CaseId);
        return new TakeBackActResponse { CaseId = row.CaseId.Text(), State = row.State, Version = row.Version };
    }

    /// <summary>What the row of an offer holds of the act beside what follows from facts.</summary>
    private static void ClearOffer(ActTakenBack takenBack, WriteSession<MunicipalityStore> session)
    {
        if (takenBack.OfferId.Length == 0 || session.Store.FindOffer(Ids.Parse(takenBack.OfferId)) is not { } offer) return;
        if (takenBack.Kind == ActKind.Offer) session.Store.Offers.Remove(offer);
        if (takenBack.Kind == ActKind.Withdrawal) offer.WithdrawalReason = null;
    }
}
