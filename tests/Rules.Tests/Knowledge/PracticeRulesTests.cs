using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Knowledge.Practices;
using Practice = BeschutWerk.Knowledge.Practices.Practice;

namespace BeschutWerk.Rules.Tests.Knowledge;

public sealed class PracticeRulesTests
{
    private static readonly DateOnly Submitted = new(2018, 5, 1);
    private static readonly DateOnly Reviewed = new(2018, 5, 8);

    private static Practice In(PracticeState state) => new()
    {
        State = state, SubmittedOn = Submitted, ReviewedOn = state == PracticeState.Submitted ? null : Reviewed, Version = 4,
    };

    [Theory]
    [InlineData(PracticeState.Submitted, true, true, false)]
    [InlineData(PracticeState.ChangesNeeded, true, false, false)]
    [InlineData(PracticeState.Approved, false, false, true)]
    [InlineData(PracticeState.Published, false, false, false)]
    public void Each_step_is_allowed_in_its_own_state(PracticeState state, bool again, bool review, bool publish)
    {
        Assert.Equal(again, !PracticeRules.SubmitAgain(In(state), Reviewed).IsRefused);
        Assert.Equal(review, !PracticeRules.Review(In(state), ReviewOutcome.Approved, Reviewed, 0).IsRefused);
        Assert.Equal(publish, !PracticeRules.Publish(In(state), Reviewed).IsRefused);
    }

    [Theory]
    [InlineData(ReviewOutcome.Approved, PracticeState.Approved)]
    [InlineData(ReviewOutcome.ChangesNeeded, PracticeState.ChangesNeeded)]
    public void A_review_decides(ReviewOutcome outcome, PracticeState state) =>
        Assert.Equal(state, PracticeRules.Review(In(PracticeState.Submitted), outcome, Submitted, 4).Value);

    [Fact]
    public void No_step_lies_before_the_one_that_it_rests_on()
    {
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PracticeRules.Review(In(PracticeState.Submitted), ReviewOutcome.Approved, Submitted.AddDays(-1), 0).Refusal?.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PracticeRules.Publish(In(PracticeState.Approved), Reviewed.AddDays(-1)).Refusal?.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PracticeRules.SubmitAgain(In(PracticeState.ChangesNeeded), Reviewed.AddDays(-1)).Refusal?.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, PracticeRules.SubmitAgain(In(PracticeState.Submitted), Submitted.AddDays(-1)).Refusal?.Reason);
    }

    [Fact]
    public void A_reviewer_who_read_another_version_is_told_the_current_one()
    {
        var refusal = PracticeRules.Review(In(PracticeState.Submitted), ReviewOutcome.Approved, Reviewed, 3).Refusal;

        Assert.Equal((ErrorReason.VersionChanged, "4"), (refusal?.Reason, refusal?.Metadata["version"]));
    }
}
