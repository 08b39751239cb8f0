using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Knowledge;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>From submission over review to publication: nothing is found that Cedris did not approve.</summary>
internal static class PracticeRules
{
    public static Ruling<PracticeState> SubmitAgain(Practice practice, DateOnly submittedOn)
    {
        if (practice.State is not (PracticeState.Submitted or PracticeState.ChangesNeeded))
        {
            return Refusal.Of(ErrorReason.StateForbids, "An approved practice is not changed any more.");
        }

        if (submittedOn < (practice.ReviewedOn ?? practice.SubmittedOn)) return BeforeItsBasis("The submission lies before the latest step.");
        return PracticeState.Submitted;
    }

    public static Ruling<PracticeState> Review(Practice practice, ReviewOutcome outcome, DateOnly reviewedOn, long expectedVersion)
    {
        if (expectedVersion != 0 && expectedVersion != practice.Version)
        {
            return Refusal.Of(ErrorReason.VersionChanged, "The practice was changed meanwhile.") with
            {
                Metadata = new Dictionary<string, string> { ["version"] = $"{practice.Version}" },
            };
        }

        if (practice.State != PracticeState.Submitted) return Refusal.Of(ErrorReason.StateForbids, "The practice does not wait for review.");
        if (reviewedOn < practice.SubmittedOn) return BeforeItsBasis("The review lies before the submission.");
        return outcome == ReviewOutcome.Approved ? PracticeState.Approved : PracticeState.ChangesNeeded;
    }

    public static Ruling<PracticeState> Publish(Practice practice, DateOnly publishedOn)
    {
        if (practice.State != PracticeState.Approved) return Refusal.Of(ErrorReason.StateForbids, "Only an approved practice is published, and once.");
        if (publishedOn < practice.ReviewedOn) return BeforeItsBasis("The publication lies before the review.");
        return PracticeState.Published;
    }

    private static Refusal BeforeItsBasis(string message) => Refusal.Of(ErrorReason.DateBeforeItsBasis, message);
}
