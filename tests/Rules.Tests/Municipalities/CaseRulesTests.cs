using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

public class CaseRulesTests
{
    private static readonly CaseState[] States = [.. Enum.GetValues<CaseState>().Where(state => state != CaseState.Unspecified)];

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

        Expect(found => CaseRules.Offer(found, Terms(Later), false).Refusal?.Reason, ErrorReason.NoPositiveDetermination,
            ([CaseState.DeterminedPositive, CaseState.OfferDeclined, CaseState.AlternativeOffered], null),
            ([CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.Placed], ErrorReason.OfferStands));

        Expect(found => CaseRules.OfferAlternative(found, AlternativeKind.VoluntaryWork, Later, true).Refusal?.Reason, ErrorReason.NoPositiveDetermination,
            ([CaseState.DeterminedPositive, CaseState.OfferDeclined, CaseState.AlternativeOffered], null),
            ([CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.Placed], ErrorReason.OfferStands));

        Expect(found => CaseRules.DropOut(found, DropoutReason.Illness, "", Later).Refusal?.Reason, null,
            ([CaseState.Placed, CaseState.Exited, CaseState.DroppedOut], ErrorReason.StateForbids));
    }

    [Fact]
    public void An_offer_is_answered_once_and_withdrawn_until_somebody_works_on_it()
    {
        var answerable = new Dictionary<CaseState, ErrorReason?> { [CaseState.OfferOpen] = null };
        var withdrawable = new Dictionary<CaseState, ErrorReason?> { [CaseState.OfferOpen] = null, [CaseState.OfferAccepted] = null };
        foreach (var state in new[] { CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.OfferDeclined, CaseState.Placed, CaseState.Exited })
        {
            var found = State(state);
            Assert.Equal(
                answerable.GetValueOrDefault(state, ErrorReason.StateForbids), CaseRules.Answer(found.View, found.Offer, true, false, Later).Refusal?.Reason);
            Assert.Equal(withdrawable.GetValueOrDefault(state, ErrorReason.StateForbids), CaseRules.Withdraw(found.View, found.Offer, Later).Refusal?.Reason);
        }
    }

    [Fact]
    public void No_act_lies_before_the_act_it_rests_on()
    {
        static void Before(BeschutWerk.Backbone.Store.Refusal? refusal) => Assert.Equal(ErrorReason.DateBeforeItsBasis, refusal?.Reason);

        Before(CaseRules.RequestAdvice(State(CaseState.Identified).View, Opened.AddDays(-1)));
        Before(CaseRules.DropOut(State(CaseState.Identified).View, DropoutReason.Illness, "", Opened.AddDays(-1)).Refusal);
        Before(CaseRules.Determine(State(CaseState.AdvisedPositive).View, Determination.Positive, Later, Later.AddDays(-1), false).Refusal);
        Before(CaseRules.Offer(State(CaseState.DeterminedPositive).View, Terms(Later, Later.AddDays(-1)), false).Refusal);

        // Looked at as the case was on the day of the act: what came later is not there yet.
        Assert.Equal(ErrorReason.AdviceMissing, CaseRules.Determine(
            State(CaseState.AdvisedPositive).History.On(Advised.AddDays(-1)), Determination.Positive, Advised.AddDays(-1), Advised, false).Refusal?.Reason);
        Assert.False(CaseRules.Determine(State(CaseState.AdvisedPositive).History.On(Advised), Determination.Positive, Advised, Advised, false).IsRefused);
        Assert.True(CaseRules.Offer(State(CaseState.DeterminedPositive).History.On(Determined.AddDays(-1)), Terms(Determined.AddDays(-1)), false).IsRefused);
        var open = State(CaseState.OfferOpen);
        Before(CaseRules.Answer(open.History.On(Offered.AddDays(-1)), open.Offer, true, false, Offered.AddDays(-1)).Refusal);
        Before(CaseRules.Withdraw(open.History.On(Offered.AddDays(-1)), open.Offer, Offered.AddDays(-1)).Refusal);
        Assert.NotNull(CaseRules.RequestAdvice(State(CaseState.Exited).History.On(Left), Left));
        Assert.Null(CaseRules.RequestAdvice(State(CaseState.Exited).History.On(Left.AddDays(1)), Left.AddDays(1)));
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
        var found = new CaseIn(benefit, new DateOnly(2016, 1, 1));
        var expected = outside ? ErrorReason.OutsideCircle : (ErrorReason?)null;
        Assert.Equal(expected, CaseRules.RequestAdvice(found.View, new DateOnly(2016, 12, 31))?.Reason);
        Assert.Null(CaseRules.RequestAdvice(found.View, new DateOnly(2017, 1, 1)));

        var advised = found.Ask(new DateOnly(2016, 2, 1)).Advise(day: new DateOnly(2016, 6, 1)).View;
        var lastDay = new DateOnly(2016, 12, 31);
        Assert.Equal(expected, CaseRules.Determine(advised, Determination.Positive, lastDay, lastDay, false).Refusal?.Reason);
        Assert.False(CaseRules.Determine(advised, Determination.Positive, lastDay.AddDays(1), lastDay.AddDays(1), false).IsRefused);
        Assert.False(CaseRules.Determine(advised, Determination.Negative, lastDay, lastDay, true).IsRefused);
    }

    [Fact]
    public void The_college_deviates_only_from_a_careless_advice()
    {
        var advised = State(CaseState.AdvisedPositive).View;
        Assert.Equal(ErrorReason.DeviationWithoutReason, CaseRules.Determine(advised, Determination.Negative, Later, Later, false).Refusal?.Reason);
        Assert.True(CaseRules.Determine(advised, Determination.Negative, Later, Later, true).Value.Deviates);
        Assert.False(CaseRules.Determine(advised, Determination.Positive, Later, Later, true).Value.Deviates);
    }

    [Theory]
    [InlineData("2016-12-31", false, true)]
    [InlineData("2016-12-31", true, true)]
    [InlineData("2017-01-01", false, true)]
    [InlineData("2017-01-01", true, false)]
    public void A_duty_arises_up_to_the_number_and_before_2017_without_one(string day, bool reached, bool arises) =>
        Assert.Equal(arises, CaseRules.Duty(Ids.New(), DateOnly.Parse(day), reached) is not null);

    [Fact]
    public void Above_the_number_an_offer_needs_a_budget_decision_and_an_alternative_is_owed_instead()
    {
        var determined = State(CaseState.DeterminedPositive).View;
        Assert.Equal(ErrorReason.NumberReached, CaseRules.Offer(determined, Terms(Later), true).Refusal?.Reason);
        Assert.True(CaseRules.Offer(determined, Terms(Later, budget: "council 2017-12"), true).Value.AboveNumber);
        Assert.False(CaseRules.Offer(determined, Terms(Later, budget: "council 2017-12"), false).Value.AboveNumber);
        Assert.Equal(ErrorReason.NumberNotReached, CaseRules.OfferAlternative(determined, AlternativeKind.Dagbesteding, Later, false).Refusal?.Reason);
    }

    [Theory]
    [InlineData(true, false, CaseState.OfferAccepted, false)]
    [InlineData(false, true, CaseState.OfferDeclined, false)]
    [InlineData(false, false, CaseState.DeterminedPositive, true)]
    public void Declining_a_fitting_offer_meets_the_duty(bool accepted, bool fitting, CaseState becomes, bool dutyOpen)
    {
        var answered = State(CaseState.OfferOpen).Answer(accepted, fitting).View;
        Assert.Equal((becomes, dutyOpen), (answered.State, answered.DutyOpen));
    }

    [Fact]
    public void Who_moved_needs_a_municipality_they_moved_to()
    {
        var found = State(CaseState.Identified).View;
        Assert.Equal(ErrorReason.MovedToMissing, CaseRules.DropOut(found, DropoutReason.Moved, "", Later).Refusal?.Reason);
        Assert.Equal("GM0344", CaseRules.DropOut(found, DropoutReason.Moved, "GM0344", Later).Value.MovedTo);
    }

    [Fact]
    public void A_duty_is_open_exactly_while_a_determined_candidate_has_nothing()
    {
        foreach (var state in States) Assert.Equal(state == CaseState.DeterminedPositive, State(state).View.DutyOpen);
    }

    [Fact]
    public void A_next_place_may_follow_fixed_work_from_the_day_after()
    {
        var until = Started.AddMonths(6);
        var working = new CaseIn().Accepted().Place(last: until);
        var now = working.History.On(Started.AddDays(30));
        Assert.Equal(ErrorReason.OfferStands, CaseRules.Offer(now, Terms(Started.AddDays(30), until), false).Refusal?.Reason);
        Assert.False(CaseRules.Offer(now, Terms(Started.AddDays(30), until.AddDays(1)), false).IsRefused);
        Assert.Equal(ErrorReason.OfferStands, CaseRules.OfferAlternative(now, AlternativeKind.Dagbesteding, Started.AddDays(30), true).Refusal?.Reason);

        // Not a second one, and not after work that ends for good.
        working.MakeOffer(Started.AddDays(30), until.AddDays(1));
        Assert.Equal(
            ErrorReason.OfferStands, CaseRules.Offer(working.History.On(Started.AddDays(31)), Terms(Started.AddDays(31), until.AddDays(1)), false).Refusal?.Reason);
        var leaving = new CaseIn().Accepted().Place(last: until).End(Left, EndReason.Regular);
        Assert.Equal(ErrorReason.OfferStands, CaseRules.Offer(leaving.History.On(Left), Terms(Left, until.AddDays(1)), false).Refusal?.Reason);
    }

    private static void Expect(Func<CaseView, ErrorReason?> act, ErrorReason? otherwise, params (CaseState[] States, ErrorReason? Answer)[] expected)
    {
        foreach (var state in States)
        {
            var group = expected.FirstOrDefault(group => group.States.Contains(state));
            var answer = group.States is null ? otherwise : group.Answer;
            var given = act(State(state).View);
            Assert.True(answer == given, $"{state}: expected {answer?.ToString() ?? "allowed"}, got {given?.ToString() ?? "allowed"}");
        }
    }
}
