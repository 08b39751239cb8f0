using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Records that a candidate dropped out before placement; frees a reserved place.</summary>
static class RecordDropout
{
    public static RecordDropoutResponse Run(RecordDropoutRequest request, WriteSession<MunicipalityStore> session)
    {
        var checks = new FieldChecks();
        checks.Require(request.MovedTo.Length == 0 || request.Reason == DropoutReason.Moved, "moved_to", "Only with reason MOVED.");
        checks.Require(request.MovedTo != request.Municipality, "moved_to", "Is this municipality.");
        checks.ThrowIfAny();

        var supportCase = session.Case(request.CaseId);
        var offer = session.StandingOffer(supportCase);
        var day = request.DroppedOutOn.ToDateOnly();
        var dropped = CaseRules.DropOut(supportCase, offer, request.Reason, request.MovedTo, day).OrThrow();

        supportCase.Apply(dropped);
        session.Standings(supportCase.CaseId).Leaves(day);
        session.RaiseOn(supportCase.CaseId, dropped);
        if (offer is not null)
        {
            offer.Lapse();
            session.RaiseOn(supportCase.CaseId, new PlaceFreed { CaseId = request.CaseId, OfferId = offer.OfferId.Text(), FreedFrom = request.DroppedOutOn });
        }

        return new RecordDropoutResponse { CaseId = request.CaseId, State = supportCase.State, Version = supportCase.Version };
    }
}
