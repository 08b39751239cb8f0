using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using Google.Protobuf;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>UWV records what it found: capacity for work, adaptation, guidance.</summary>
internal static class RecordAssessment
{
    public static void CheckFields(RecordAssessmentRequest request, FieldChecks checks)
    {
        if (request.Assessment is not { } assessment) return;
        foreach (var (field, finding) in Findings(assessment))
        {
            checks.Require(finding is null or { HasAnswer: true }, $"assessment.{field}.answer", "Must be given: a forgotten answer is not a no.");
        }
        checks.RequireOnce(assessment.SupportNeeds, "assessment.support_needs");

        var fields = WageValue.FieldsThatMention(assessment, "assessment", checks.Keeps);
        if (fields.Count > 0)
        {
            checks.Add(Refusal.Of(ErrorReason.WageValueNotACriterion, "Wage value and productivity play no role in this advice.") with
            {
                Violations = [.. fields.Select(field => new FieldViolation { Field = field, Description = "Speaks of wage value or productivity." })],
            });
        }
    }

    public static RecordAssessmentResponse Run(RecordAssessmentRequest request, WriteSession<UwvStore> session)
    {
        var dossier = Dossier.Find(session, Ids.Parse(request.AdviceRequestId)) ?? throw Refusal.NotFound("advice request").ToException();

        var assessed = DossierRules.Assess(dossier, request.AssessedOn.ToDateOnly()).OrThrow();
        dossier.Apply(assessed);
        dossier.SealedAssessment = session.Persons.Seal(request.Assessment.ToByteArray(), dossier.AdviceRequestId);
        dossier.Save(session);
        session.Raise(assessed, assessed.AdviceRequestId);

        var derived = dossier.Policy.Derive(request.Assessment);
        return new RecordAssessmentResponse
        {
            State = dossier.State,
            DerivedVerdict = AdvicePolicy.VerdictOf(derived),
            DerivedGround = derived,
            Version = dossier.Version,
        };
    }

    // What is absent breaks its own rule.
    private static IEnumerable<(string Field, Finding? Finding)> Findings(Assessment assessment) =>
    [
        ("work_capacity.can_perform_task", assessment.WorkCapacity?.CanPerformTask),
        ("work_capacity.has_basic_skills", assessment.WorkCapacity?.HasBasicSkills),
        ("work_capacity.can_work_one_hour", assessment.WorkCapacity?.CanWorkOneHour),
        ("work_capacity.loadable_four_hours", assessment.WorkCapacity?.LoadableFourHours),
        ("adaptation", assessment.Adaptation),
        ("guidance", assessment.Guidance),
    ];
}
