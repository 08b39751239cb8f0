using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>Cedris approves, or says what must change.</summary>
internal static class ReviewPractice
{
    public static void CheckFields(ReviewPracticeRequest request, FieldChecks checks)
    {
        checks.Require(request.Outcome != ReviewOutcome.ChangesNeeded || !string.IsNullOrWhiteSpace(request.Remarks), "remarks", "Must say what has to change.");
        PersonalData.Check(checks, ("remarks", request.Remarks));
    }

    public static ReviewPracticeResponse Run(ReviewPracticeRequest request, WriteSession<KnowledgeStore> session)
    {
        var practice = Practice.Find(session.Store, request.PracticeId, _ => true);
        var reviewedOn = request.ReviewedOn.ToDateOnly();
        practice.State = PracticeRules.Review(practice, request.Outcome, reviewedOn, request.ExpectedVersion).OrThrow();
        practice.ReviewedOn = reviewedOn;
        practice.Remarks = request.Remarks;
        practice.Version++;
        return new ReviewPracticeResponse { State = practice.State, Version = practice.Version };
    }
}
