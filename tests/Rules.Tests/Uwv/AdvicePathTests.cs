using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.Advising;

namespace BeschutWerk.Rules.Tests.Uwv;

public sealed class AdvicePathTests
{
    private static readonly RequestFacts Own = new() { ReceivedOn = new(2018, 3, 15), Requester = Requester.Citizen };
    private static readonly AdvicePolicy Policy = AdvicePolicy.On(Own.ReceivedOn)!;

    [Fact]
    public void A_rule_that_decides_ends_the_path()
    {
        var steps = AdvicePath.Of(Policy, Own with { EarlierAdviceOn = new(2018, 1, 15) }, null).ToList();

        Assert.Equal(["lid 3a", "lid 4", "lid 3b", "lid 6"], steps.Select(Paragraph));
        Assert.Equal([false, false, true, false], steps.Select(step => step.Answer));
    }

    [Fact]
    public void A_question_that_is_not_answered_yet_has_no_answer()
    {
        var steps = AdvicePath.Of(Policy, Own, null).ToList();

        Assert.Equal(["lid 3a", "lid 4", "lid 3b", "lid 1", "lid 1", "lid 1", "lid 1", "lid 1", "lid 1a", "lid 1b", "lid 2"], steps.Select(Paragraph));
        Assert.Equal([true, true, true, false, false, false, false, false, false, false, false], steps.Select(step => step.HasAnswer));
    }

    [Fact]
    public void A_conflict_of_rules_is_a_step_before_the_investigation()
    {
        var facts = Own with { OldWswAdvice = OldWswAdvice.NotAble, EarlierAdviceOn = new(2018, 1, 15) };
        var steps = AdvicePath.Of(Policy, facts, null).ToList();

        Assert.Equal(["lid 3a", "lid 4", "lid 5", "lid 3b", "lid 6", "lid 3b en 4", "lid 1"], steps.Select(Paragraph).Take(7));
    }

    [Fact]
    public void The_last_step_is_the_verdict_of_the_assessment()
    {
        for (var answers = 0; answers < 64; answers++)
        {
            var assessment = Assessments.With(answers);
            var last = AdvicePath.Of(Policy, Own, assessment).Last();

            Assert.Equal(AdvicePolicy.VerdictOf(Policy.Derive(assessment)) == Verdict.Positive, last.Answer);
        }
    }

    [Fact]
    public void Every_step_is_in_both_languages_and_names_its_article()
    {
        var facts = Own with { OldWswAdvice = OldWswAdvice.NotAble, EarlierAdviceOn = new(2018, 1, 15) };
        Assert.All(AdvicePath.Of(Policy, facts, Assessments.With(0)), step =>
        {
            Assert.EndsWith("?", step.QuestionNl, StringComparison.Ordinal);
            Assert.EndsWith("?", step.QuestionEn, StringComparison.Ordinal);
            Assert.StartsWith("Besluit advisering beschut werk art. 3 lid ", step.Article, StringComparison.Ordinal);
            Assert.DoesNotContain("werkplek.", step.QuestionNl + step.QuestionEn, StringComparison.Ordinal);
        });
    }

    private static string Paragraph(DecisionStep step) => step.Article[step.Article.IndexOf("lid", StringComparison.Ordinal)..];
}
