using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Records the college's decision on an advice, and the duty that a positive one creates.</summary>
static class DetermineCase
{
    /// <summary>An advice that UWV issued but that has not arrived.</summary>
    public static readonly MayBeLate Advice = new(ErrorReason.AdviceMissing, "uwv");

    public static DetermineCaseResponse Run(DetermineCaseRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var reason = request.CarelessAdviceReason.Trim();
        var (day, notified) = (request.DeterminedOn.ToDateOnly(), request.NotifiedOn.ToDateOnly());
        var confirms = record.History.On(day) is { Determination: Determination.Positive };
        var determined = record.Decide(day, view => CaseRules.Determine(view, request.Determination, day, notified, reason.Length > 0));

        var position = record.Record(determined);
        if (determined.Deviates) session.KeepReason(position, reason, record.Row.CaseId);
        // One that is recorded after a later one changes nothing of what stands.
        var stands = confirms || (record.Row.Determination, record.Row.DeterminedOn) == (determined.Determination, day);
        var dutyArose = stands && !confirms && determined.Determination == Determination.Positive && record.RaiseDuty(day);
        return new DetermineCaseResponse { CaseId = record.Row.CaseId.Text(), State = record.Row.State, Version = record.Row.Version, DutyArose = dutyArose };
    }
}
