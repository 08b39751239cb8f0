using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Records that a candidate dropped out before placement; frees a reserved place.</summary>
static class RecordDropout
{
    public static void CheckFields(RecordDropoutRequest request, Division division, FieldChecks checks)
    {
        if (request.MovedTo.Length == 0) return;
        checks.Require(request.Reason == DropoutReason.Moved || !checks.Keeps("reason"), "moved_to", "Only with reason MOVED.");
        checks.Require(request.MovedTo != request.Municipality, "moved_to", "Is this municipality.");
        checks.Require(division.EverExisted(request.MovedTo), "moved_to", "Is no municipality.");
    }

    public static RecordDropoutResponse Run(RecordDropoutRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var day = request.DroppedOutOn.ToDateOnly();
        record.Record(record.Decide(day, view => CaseRules.DropOut(view, request.Reason, request.MovedTo, day)));
        return new RecordDropoutResponse { CaseId = record.Row.CaseId.Text(), State = record.Row.State, Version = record.Row.Version };
    }
}
