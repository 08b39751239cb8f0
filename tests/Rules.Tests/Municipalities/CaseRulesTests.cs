using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;

namespace BeschutWerk.Rules.Tests.Municipalities;

public class CaseRulesTests
{
    private static readonly CaseState[] States = [.. Enum.GetValues<CaseState>().Where(state => state != CaseState.Unspecified)];

    private static readonly DateOnly Later = new(2017, 8, 1);

    /// <summary>What each state answers to each act; a state that is not named gives the refusal at the end.</summary>
    [Fact]
    public void Every_state_allows_exactly_its_acts()
    {
        Expect(found => CaseRules.RequestAdvice(found, Later)?.Reason, ErrorReason.StateForbids,
            ([CaseState.Identified, CaseState.AdviceWithdrawn, CaseState.AdvisedNegative, CaseState.DeterminedNegative, CaseState.Exited, CaseState.DroppedOut], null),
            ([CaseState.Requested], ErrorReason.RequestAlreadyRunning));

        Expect(found => CaseRules.Determine(found, Determination.Positive, Later, Later, true).Refusal?.Reason, ErrorReason.StateForbids,
            ([CaseState.AdvisedPositive, CaseState.AdvisedNegative, CaseState.DeterminedNegative], null),
            ([CaseState.Identified, CaseState.Requested, CaseState.AdviceWithdrawn, CaseState.DroppedOut], ErrorReason.AdviceMissing));

        Expect(found => CaseRules.Determine(found, Determination.Negative, Later, Later, true).Refusal?.Reason, ErrorReason.StateForbids,
            ([CaseState.AdvisedPositive, CaseState.AdvisedNegative, CaseState.DeterminedPositive, CaseState.OfferDeclined, CaseState.AlternativeOffered], null),
            ([CaseState.Identified, CaseState.Requested, CaseState.AdviceWithdrawn, CaseState.DroppedOut], ErrorReason.AdviceMissing));

        Expect(found => CaseRules.Offer(found, CaseIn.Terms(Later), false).Refusal?.Reason, ErrorReason.NoPositiveDetermination,
            ([CaseState.DeterminedPositive, CaseState.OfferDeclined, CaseState.AlternativeOffered], null),
            ([CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.Placed], ErrorReason.OfferStands));

        Expect(found => CaseRules.OfferAlternative(found, AlternativeKind.VoluntaryWork, Later, true).Refusal?.Reason, ErrorReason.NoPositiveDetermination,
            ([CaseState.DeterminedPositive, CaseState.OfferDeclined, CaseState.AlternativeOffered], null),
            ([CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.Placed], ErrorReason.OfferStands));

        Expect(found => CaseRules.DropOut(found, null, DropoutReason.Illness, "", Later).Refusal?.Reason, null,
            ([CaseState.Placed, CaseState.Exited, CaseState.DroppedOut], ErrorReason.StateForbids));
    }

    [Fact]
    public void An_offer_is_answered_once_and_withdrawn_until_somebody_works_on_it()
    {
        var answerable = new Dictionary<CaseState, ErrorReason?> { [CaseState.OfferOpen] = null };
        var withdrawable = new Dictionary<CaseState, ErrorReason?> { [CaseState.OfferOpen] = null, [CaseState.OfferAccepted] = null };
        foreach (var state in new[] { CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.OfferDeclined, CaseState.Placed, CaseState.Exited })
        {
            var (found, offer) = CaseIn.State(state);
            Assert.Equal(answerable.GetValueOrDefault(state, ErrorReason.StateForbids), CaseRules.Answer(found, offer!, true, false, Later).Refusal?.Reason);
            Assert.Equal(withdrawable.GetValueOrDefault(state, ErrorReason.StateForbids), CaseRules.Withdraw(offer!, Later).Refusal?.Reason);
        }
    }

    [Fact]
    public void No_act_lies_before_the_act_it_rests_on()
    {
        static void Before(BeschutWerk.Backbone.Grpc.Refusal? refusal) => Assert.Equal(ErrorReason.DateBeforeItsBasis, refusal?.Reason);

        Before(CaseRules.RequestAdvice(CaseIn.State(CaseState.Identified).Case, CaseIn.Opened.AddDays(-1)));
        Before(CaseRules.RequestAdvice(CaseIn.State(CaseState.DeterminedNegative).Case, CaseIn.Determined.AddDays(-1)));
        Before(CaseRules.RequestAdvice(CaseIn.State(CaseState.Exited).Case, CaseIn.Left.AddDays(-1)));

        var advised = CaseIn.State(CaseState.AdvisedPositive).Case;
        Before(CaseRules.Determine(advised, Determination.Positive, CaseIn.Advised.AddDays(-1), Later, false).Refusal);
        Before(CaseRules.Determine(advised, Determination.Positive, Later, Later.AddDays(-1), false).Refusal);
        Assert.False(CaseRules.Determine(advised, Determination.Positive, CaseIn.Advised, CaseIn.Advised, false).IsRefused);

        var determined = CaseIn.State(CaseState.DeterminedPositive).Case;
        Before(CaseRules.Determine(determined, Determination.Negative, CaseIn.Determined.AddDays(-1), Later, true).Refusal);
        Before(CaseRules.Offer(determined, CaseIn.Terms(CaseIn.Determined.AddDays(-1)), false).Refusal);
        Before(CaseRules.Offer(determined, CaseIn.Terms(Later, Later.AddDays(-1)), false).Refusal);
        Before(CaseRules.OfferAlternative(determined, AlternativeKind.Dagbesteding, CaseIn.Determined.AddDays(-1), true).Refusal);

        var (open, offer) = CaseIn.State(CaseState.OfferOpen);
        Before(CaseRules.Answer(open, offer!, true, false, CaseIn.Offered.AddDays(-1)).Refusal);
        Before(CaseRules.Withdraw(offer!, CaseIn.Offered.AddDays(-1)).Refusal);
        Before(CaseRules.DropOut(open, offer, DropoutReason.Illness, "", CaseIn.Offered.AddDays(-1)).Refusal);
        var (_, accepted) = CaseIn.State(CaseState.OfferAccepted);
        Before(CaseRules.Withdraw(accepted!, CaseIn.Answered.AddDays(-1)).Refusal);
        Before(CaseRules.DropOut(CaseIn.State(CaseState.Identified).Case, null, DropoutReason.Illness, "", CaseIn.Opened.AddDays(-1)).Refusal);
    }

    [Theory]
    [InlineData(Benefit.Wajong, true)]
    [InlineData(Benefit.Wia, true)]
    [InlineData(Benefit.Wao, true)]
    [InlineData(Benefit.Waz, true)]
    [InlineData(Benefit.Ww, true)]
    [InlineData(Benefit.Iow, true)]
    [InlineData(Benefit.Zw, true)]
    [InlineData(Benefit.Wamil, true)]
    [InlineData(Benefit.None, false)]
    [InlineData(Benefit.Participatiewet, false)]
    [InlineData(Benefit.Anw, false)]
    public void Until_2017_benefits_of_UWV_are_outside_the_circle(Benefit benefit, bool outside)
    {
        var found = new SupportCase
        {
            CaseId = Ids.New(), PersonId = Ids.New(), Source = CandidateSource.UwvBenefit, Benefit = benefit, OpenedOn = new DateOnly(2016, 1, 1),
        };
        var expected = outside ? ErrorReason.OutsideCircle : (ErrorReason?)null;
        Assert.Equal(expected, CaseRules.RequestAdvice(found, new DateOnly(2016, 12, 31))?.Reason);
        Assert.Null(CaseRules.RequestAdvice(found, new DateOnly(2017, 1, 1)));

        found.AdviceAsked(Ids.New());
        var advice = CaseIn.Advice(found, Verdict.Positive);
        advice.IssuedOn = new Google.Type.Date { Year = 2016, Month = 6, Day = 1 };
        found.Apply(advice);
        var lastDay = new DateOnly(2016, 12, 31);
        Assert.Equal(expected, CaseRules.Determine(found, Determination.Positive, lastDay, lastDay, false).Refusal?.Reason);
        Assert.False(CaseRules.Determine(found, Determination.Positive, lastDay.AddDays(1), lastDay.AddDays(1), false).IsRefused);
        Assert.False(CaseRules.Determine(found, Determination.Negative, lastDay, lastDay, true).IsRefused);
    }

    [Fact]
    public void The_college_deviates_only_from_a_careless_advice()
    {
        var advised = CaseIn.State(CaseState.AdvisedPositive).Case;
        Assert.Equal(ErrorReason.DeviationWithoutReason, CaseRules.Determine(advised, Determination.Negative, Later, Later, false).Refusal?.Reason);
        Assert.True(CaseRules.Determine(advised, Determination.Negative, Later, Later, true).Value.Deviates);
        Assert.False(CaseRules.Determine(advised, Determination.Positive, Later, Later, true).Value.Deviates);
    }

    [Theory]
    [InlineData("2016-12-31", false, true)]
    [InlineData("2016-12-31", true, true)]
    [InlineData("2017-01-01", false, true)]
    [InlineData("2017-01-01", true, false)]
    public void A_duty_arises_up_to_the_number_and_before_2017_without_one(string day, bool reached, bool arises)
    {
        var on = DateOnly.Parse(day);
        var determined = new CaseDetermined { Determination = Determination.Positive, DeterminedOn = BeschutWerk.Backbone.Grpc.Dates.ToDate(on) };
        Assert.Equal(arises, CaseRules.Duty(determined, reached) is not null);
        determined.Determination = Determination.Negative;
        Assert.Null(CaseRules.Duty(determined, reached));
    }

    [Fact]
    public void Above_the_number_an_offer_needs_a_budget_decision_and_an_alternative_is_owed_instead()
    {
        var determined = CaseIn.State(CaseState.DeterminedPositive).Case;
        Assert.Equal(ErrorReason.NumberReached, CaseRules.Offer(determined, CaseIn.Terms(Later), true).Refusal?.Reason);
        Assert.True(CaseRules.Offer(determined, CaseIn.Terms(Later, budget: "council 2017-12"), true).Value.AboveNumber);
        Assert.False(CaseRules.Offer(determined, CaseIn.Terms(Later, budget: "council 2017-12"), false).Value.AboveNumber);
        Assert.Equal(ErrorReason.NumberNotReached, CaseRules.OfferAlternative(determined, AlternativeKind.Dagbesteding, Later, false).Refusal?.Reason);
    }

    [Theory]
    [InlineData(true, false, CaseState.OfferAccepted, false)]
    [InlineData(false, true, CaseState.OfferDeclined, false)]
    [InlineData(false, false, CaseState.DeterminedPositive, true)]
    public void Declining_a_fitting_offer_meets_the_duty(bool accepted, bool fitting, CaseState becomes, bool dutyOpen)
    {
        var (found, offer) = CaseIn.State(CaseState.OfferOpen);
        found.Apply(CaseRules.Answer(found, offer!, accepted, fitting, CaseIn.Answered).Value);
        Assert.Equal((becomes, dutyOpen), (found.State, found.DutyOpen));
    }

    [Fact]
    public void Who_moved_needs_a_municipality_he_moved_to()
    {
        var found = CaseIn.State(CaseState.Identified).Case;
        Assert.Equal(ErrorReason.MovedToMissing, CaseRules.DropOut(found, null, DropoutReason.Moved, "", Later).Refusal?.Reason);
        Assert.Equal("GM0344", CaseRules.DropOut(found, null, DropoutReason.Moved, "GM0344", Later).Value.MovedTo);
    }

    [Fact]
    public void A_duty_is_open_exactly_while_a_determined_candidate_has_nothing()
    {
        foreach (var state in States) Assert.Equal(state == CaseState.DeterminedPositive, CaseIn.State(state).Case.DutyOpen);
    }

    private static void Expect(Func<SupportCase, ErrorReason?> act, ErrorReason? otherwise, params (CaseState[] States, ErrorReason? Answer)[] expected)
    {
        foreach (var state in States)
        {
            var group = expected.FirstOrDefault(group => group.States.Contains(state));
            var answer = group.States is null ? otherwise : group.Answer;
            Assert.True(answer == act(CaseIn.State(state).Case), $"{state}: expected {answer?.ToString() ?? "allowed"}, got {act(CaseIn.State(state).Case)?.ToString() ?? "allowed"}");
        }
    }
}
