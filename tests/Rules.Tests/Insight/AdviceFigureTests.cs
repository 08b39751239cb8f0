using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Figures;
using static BeschutWerk.Rules.Tests.Insight.Told;

namespace BeschutWerk.Rules.Tests.Insight;

public sealed class AdviceFigureTests
{
    private static readonly DateOnly First = new(2017, 1, 1);

    [Fact]
    public void An_advice_counts_on_the_first_and_the_last_day_of_its_period()
    {
        var facts = Of(Advised(1, First), Advised(2, EndOf2017), Advised(3, First.AddDays(-1)), Advised(4, EndOf2017.AddDays(1)), Advised(5, First, Verdict.Negative));

        Assert.True(PositiveAdvices.Figure.In(facts, First, EndOf2017).Value == Ratio.Of(2));
        Assert.True(PositiveAdvicesCumulative.Figure.On(facts, EndOf2017).Value == Ratio.Of(3));
    }

    [Fact]
    public void A_request_counts_on_receipt_whatever_became_of_it()
    {
        var facts = Of(Asked(1, First), Advised(2, First.AddDays(38)), Advised(3, First.AddDays(38), Verdict.Negative, Requester.Citizen), Asked(4, First.AddDays(-1)));

        Assert.True(AdviceRequests.Figure.In(facts, First, EndOf2017).Value == Ratio.Of(3));
        Assert.True(AdviceRequests.Figure.In(facts.AskedBy(Requester.Citizen), First, EndOf2017).Value == Ratio.Of(1));
    }

    [Fact]
    public void The_positive_share_leaves_out_what_was_not_decided_in_the_period()
    {
        var facts = Of(Advised(1, First), Advised(2, First), Advised(3, First, Verdict.Negative), Asked(4, First), Advised(5, EndOf2017.AddDays(1)));

        Assert.Equal("66.67", PositiveShare.Figure.In(facts, First, EndOf2017).Text(PositiveShare.Figure));
    }

    [Fact]
    public void Without_decisions_there_is_no_share() => Assert.Null(PositiveShare.Figure.In(Of(Asked(1, First)), First, EndOf2017).Value);

    [Fact]
    public void Holding_a_positive_advice_is_not_the_same_as_having_been_issued_one()
    {
        var later = First.AddMonths(3);
        var facts = Of(
            Advised(1, First), Advised(1, later),
            Advised(2, First), Advised(2, later, Verdict.Negative),
            Advised(3, First, Verdict.Negative), Advised(3, later));

        Assert.True(PositiveAdvicesCumulative.Figure.On(facts, later).Value == Ratio.Of(4));
        Assert.True(PersonsHoldingPositiveAdvice.Figure.On(facts, later).Value == Ratio.Of(2));
        Assert.True(PersonsHoldingPositiveAdvice.Figure.On(facts, later.AddDays(-1)).Value == Ratio.Of(2));
        Assert.True(PersonsHoldingPositiveAdvice.Figure.On(facts, First.AddDays(-1)).Value == Ratio.Of(0));
    }

    [Fact]
    public void A_conversion_on_the_day_of_the_advice_is_the_later_of_the_two() =>
        Assert.True(PersonsHoldingPositiveAdvice.Figure.On(Of(Advised(1, First, Verdict.Negative), Advised(1, First)), First).Value == Ratio.Of(0));
}
