using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>What may happen to a request, and when: an event, or why not.</summary>
internal static class DossierRules
{
    /// <summary>A request comes in, and what the rules say of it at once.</summary>
    public static AdviceRequested Receive(Dossier dossier, Prejudgement said) => new()
    {
        AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
        Requester = dossier.Requester,
        Kind = dossier.Kind,
        ReceivedOn = dossier.ReceivedOn.ToDate(),
        DueOn = dossier.DueOn.ToDate(),
        RequesterReference = Reference(dossier),
        SharedBeforeAdvice = dossier.SharedBeforeAdvice,
        Outcome = said.Outcome,
        Version = dossier.Version + 1,
    };

    /// <summary>An assessment; a later one before the advice replaces it.</summary>
    public static Ruling<AssessmentRecorded> Assess(Dossier dossier, DateOnly assessedOn)
    {
        if (!IsRunning(dossier))
        {
            return Ended();
        }
        if (assessedOn < dossier.ReceivedOn)
        {
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "An assessment follows the receipt of its request.");
        }
        return new AssessmentRecorded
        {
            AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
            Requester = dossier.Requester,
            AssessedOn = assessedOn.ToDate(),
            RequesterReference = Reference(dossier),
            Version = dossier.Version + 1,
        };
    }

    /// <summary>The advice that an adviser signs: the one that follows from the assessment (Besluit art. 3 lid 1 and 2).</summary>
    public static Ruling<AdviceIssued> Issue(Dossier dossier, Assessment? assessment, Verdict verdict, Ground ground, DateOnly issuedOn)
    {
        if (!IsRunning(dossier))
        {
            return Ended();
        }
        if (assessment is null)
        {
            return Refusal.Of(ErrorReason.AssessmentMissing, "There is no assessment to advise on.");
        }
        if (issuedOn < dossier.AssessedOn)
        {
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "An advice follows its assessment.");
        }
        var derived = dossier.Policy.Derive(assessment);
        if (ground != derived || verdict != AdvicePolicy.VerdictOf(derived))
        {
            return Refusal.Of(ErrorReason.AdviceContradictsAssessment, "Verdict and ground do not follow from the assessment.");
        }
        return Issued(dossier, verdict, ground, issuedOn);
    }

    /// <summary>The advice that a rule gives without investigation (art. 3 lid 3 and 4), on the day of receipt.</summary>
    public static AdviceIssued IssueAtOnce(Dossier dossier, Prejudgement said) => Issued(dossier, said.Verdict, said.Ground, dossier.ReceivedOn);

    /// <summary>The one who asked takes the request back.</summary>
    public static Ruling<AdviceWithdrawn> Withdraw(Dossier dossier, DateOnly withdrawnOn)
    {
        if (!IsRunning(dossier))
        {
            return Ended();
        }
        if (withdrawnOn < dossier.ReceivedOn)
        {
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "A withdrawal follows the receipt of its request.");
        }
        return new AdviceWithdrawn
        {
            AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
            Requester = dossier.Requester,
            WithdrawnOn = withdrawnOn.ToDate(),
            RequesterReference = Reference(dossier),
            Version = dossier.Version + 1,
        };
    }

    // Participatiewet 10b lid 3: UWV advises the college and tells the citizen who asked, in one act; one event is both.
    private static AdviceIssued Issued(Dossier dossier, Verdict verdict, Ground ground, DateOnly issuedOn) => new()
    {
        AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
        Requester = dossier.Requester,
        Kind = dossier.Kind,
        ReceivedOn = dossier.ReceivedOn.ToDate(),
        IssuedOn = issuedOn.ToDate(),
        Verdict = verdict,
        Ground = ground,
        RequesterReference = Reference(dossier),
        CitizenInformed = dossier.Requester == Requester.Citizen,
        Version = dossier.Version + 1,
    };

    private static bool IsRunning(Dossier dossier) => dossier.State is AdviceState.Requested or AdviceState.Assessed;

    private static Refusal Ended() => Refusal.Of(ErrorReason.StateForbids, "The request ended: advised or withdrawn.");

    private static string Reference(Dossier dossier) => dossier.RequesterReference?.ToString("D") ?? "";
}
