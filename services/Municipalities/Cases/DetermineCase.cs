using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Records the college's decision on an advice, and the duty that a positive one creates.</summary>
static class DetermineCase
{
    /// <summary>An advice that UWV issued but that has not arrived.</summary>
    public static readonly MayBeLate Advice = new(ErrorReason.AdviceMissing, "uwv");

    public static DetermineCaseResponse Run(DetermineCaseRequest request, WriteSession<MunicipalityStore> session)
    {
        var supportCase = session.Case(request.CaseId);
        var reason = request.CarelessAdviceReason.Trim();
        var (day, notified) = (request.DeterminedOn.ToDateOnly(), request.NotifiedOn.ToDateOnly());
        var determined = CaseRules.Determine(supportCase, request.Determination, day, notified, reason.Length > 0).OrThrow();

        supportCase.Apply(determined);
        supportCase.DeviationReason = determined.Deviates ? session.Seal(reason, supportCase.CaseId) : null;
        session.RaiseOn(supportCase.CaseId, determined);

        var standings = session.Standings(supportCase.CaseId);
        if (determined.Determination == Determination.Positive) standings.Waits(day);
        else standings.Leaves(day);

        var ledger = new Ledger(session.Command);
        var reached = QuotaArithmetic.IsReached(ledger.NumberOn(day), ledger.HeldFrom(day, supportCase.CaseId));
        var duty = CaseRules.Duty(determined, reached);
        if (duty is not null) session.RaiseOn(supportCase.CaseId, duty);

        return new DetermineCaseResponse
        {
            CaseId = request.CaseId,
            State = supportCase.State,
            Version = supportCase.Version,
            DutyArose = duty is not null,
        };
    }
}
