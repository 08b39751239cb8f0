using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
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
            SharedBeforeAdvice = dossier.SharedBeforeAdvice,
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
    public static Ruling<AdviceWithdrawn> Withdraw(Dossier dossier, DateOnly withdrawnOn) => End(dossier, AdviceEnding.Unspecified, withdrawnOn);

    /// <summary>The request ends without an advice.</summary>
    /// <param name="dossier">The request.</param>
    /// <param name="ending">Why; UNSPECIFIED when who asked withdraws it.</param>
    /// <param name="endedOn">Its last day.</param>
    public static Ruling<AdviceWithdrawn> End(Dossier dossier, AdviceEnding ending, DateOnly endedOn)
    {
        if (!IsRunning(dossier))
        {
            return Ended();
        }
        if (endedOn < dossier.ReceivedOn)
        {
            return Refusal.Of(ErrorReason.DateBeforeItsBasis, "A request ends after its receipt.");
        }
        return new AdviceWithdrawn
        {
            AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
            Requester = dossier.Requester,
            WithdrawnOn = endedOn.ToDate(),
            RequesterReference = Reference(dossier),
            Version = dossier.Version + 1,
            Ending = ending,
            SharedBeforeAdvice = dossier.SharedBeforeAdvice,
        };
    }

    /// <summary>Who the request is about was wrong. It may be corrected in any state: it does not change what was asked or advised.</summary>
    public static PersonCorrected Correct(Dossier dossier, DateOnly correctedOn) => new()
    {
        AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
        CorrectedOn = correctedOn.ToDate(),
        RequesterReference = Reference(dossier),
        Version = dossier.Version + 1,
    };

    /// <summary>What a dropout before placement makes of a running request of its case, or of the person; null when it goes on.</summary>
    /// <param name="dossier">The request.</param>
    /// <param name="dropped">What the municipality recorded.</param>
    /// <param name="recordedAt">When it did.</param>
    public static AdviceWithdrawn? OnDropout(Dossier dossier, CandidateDroppedOut dropped, DateTimeOffset recordedAt)
    {
        var (day, isDead) = (dropped.DroppedOutOn.ToDateOnly(), dropped.Reason == DropoutReason.Deceased);
        // The event may come late: what was asked for after it was recorded begins anew, unless it was received on an earlier day.
        if (!IsRunning(dossier) || (dossier.RecordedAt > recordedAt && dossier.ReceivedOn >= day))
        {
            return null;
        }
        // So does what was received after the dropout; but not for somebody who had died or lived elsewhere by then. Of a request
        // of an earlier version it is not known when it was recorded: who moved may have come back.
        var mayBeBack = dropped.Reason != DropoutReason.Moved || dossier.RecordedAt == DateTimeOffset.UnixEpoch;
        if (dossier.ReceivedOn > day && !isDead && mayBeBack)
        {
            return null;
        }
        // Participatiewet 10b lid 3: a citizen's own request is not the municipality's to end.
        if (dossier.Requester == Requester.Citizen && !isDead)
        {
            return null;
        }
        var ending = dropped.Reason switch
        {
            DropoutReason.Deceased => AdviceEnding.Deceased,
            DropoutReason.Moved => AdviceEnding.Moved,
            _ => AdviceEnding.DroppedOut,
        };
        return End(dossier, ending, day < dossier.ReceivedOn ? dossier.ReceivedOn : day).OrThrow();
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

    private static Refusal Ended() => Refusal.Of(ErrorReason.StateForbids, "The request ended: advised, withdrawn or ended by UWV.");

    private static string Reference(Dossier dossier) => dossier.RequesterReference?.ToString("D") ?? "";
}
