using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.Advising;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Uwv;

public sealed class AdvicePolicyTests
{
    private static readonly DateOnly Received = new(2018, 3, 15);
    private static readonly AdvicePolicy Policy = AdvicePolicy.On(Received)!;

    // Columns: Wsw advice, new facts since it, own request, earlier advice in the twelve months, new facts since it.
    [Theory]
    [InlineData(OldWswAdvice.None, false, true, false, false, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.Unspecified, false, true, false, false, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.Able, false, true, false, false, Outcome.Advice, Ground.WswAble)]
    [InlineData(OldWswAdvice.NotAble, false, true, false, false, Outcome.Advice, Ground.WswNotAble)]
    [InlineData(OldWswAdvice.Able, true, true, false, false, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.NotAble, true, true, false, false, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.None, false, true, true, false, Outcome.Advice, Ground.RepeatWithinTwelveMonths)]
    [InlineData(OldWswAdvice.None, false, true, true, true, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.None, false, false, true, false, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.Able, false, true, true, false, Outcome.Advice, Ground.WswAble)]
    [InlineData(OldWswAdvice.NotAble, false, true, true, false, Outcome.LegalConflict, Ground.Unspecified)]
    [InlineData(OldWswAdvice.NotAble, false, true, true, true, Outcome.Advice, Ground.WswNotAble)]
    [InlineData(OldWswAdvice.NotAble, true, true, true, false, Outcome.Advice, Ground.RepeatWithinTwelveMonths)]
    [InlineData(OldWswAdvice.NotAble, true, true, true, true, Outcome.Investigate, Ground.Unspecified)]
    [InlineData(OldWswAdvice.Able, true, true, true, false, Outcome.Advice, Ground.RepeatWithinTwelveMonths)]
    [InlineData(OldWswAdvice.NotAble, false, false, true, false, Outcome.Advice, Ground.WswNotAble)]
    public void The_rules_before_investigation(
        OldWswAdvice wsw, bool factsSinceWsw, bool own, bool earlierAdvice, bool factsSinceAdvice, Outcome outcome, Ground ground)
    {
        var said = Policy.Prejudge(new RequestFacts
        {
            ReceivedOn = Received,
            Requester = own ? Requester.Citizen : Requester.Municipality,
            OldWswAdvice = wsw,
            NewFactsSinceWswIndication = factsSinceWsw,
            NewFactsSinceEarlierAdvice = factsSinceAdvice,
            EarlierAdviceOn = earlierAdvice ? Received.AddMonths(-6) : null,
        });

        Assert.Equal(new Prejudgement(outcome, AdvicePolicy.VerdictOf(ground), ground), said);
    }

    [Theory]
    [InlineData("2018-03-15", "2018-03-15", true)] // the same day
    [InlineData("2018-03-15", "2018-03-14", true)]
    [InlineData("2018-03-15", "2017-03-16", true)]
    [InlineData("2018-03-15", "2017-03-15", true)] // exactly twelve months
    [InlineData("2018-03-15", "2017-03-14", false)]
    [InlineData("2018-03-15", "2018-03-16", false)] // an advice after the request is not an earlier one
    [InlineData("2021-02-28", "2020-02-29", true)] // the last day of February, twelve months on
    [InlineData("2021-02-28", "2020-02-28", true)]
    [InlineData("2021-02-28", "2020-02-27", false)]
    [InlineData("2021-03-01", "2020-03-01", true)]
    [InlineData("2021-03-01", "2020-02-29", false)]
    [InlineData("2020-02-29", "2019-02-28", true)] // no 29 February 2019: its last day
    [InlineData("2020-02-29", "2019-02-27", false)]
    [InlineData("2020-03-01", "2019-03-01", true)]
    [InlineData("2020-03-01", "2019-02-28", false)]
    public void Twelve_months_are_counted_back_from_the_request(string received, string advised, bool bound)
    {
        var facts = new RequestFacts
        {
            ReceivedOn = DateOnly.Parse(received),
            Requester = Requester.Citizen,
            EarlierAdviceOn = DateOnly.Parse(advised),
        };

        Assert.Equal(bound ? Ground.RepeatWithinTwelveMonths : null, AdvicePolicy.On(facts.ReceivedOn)!.RepeatRule(facts));
    }

    [Fact]
    public void Leaving_sheltered_work_is_a_new_fact_since_the_earlier_advice_but_not_since_the_wsw_indication()
    {
        var fallback = new RequestFacts
        {
            ReceivedOn = Received,
            Requester = Requester.Citizen,
            Kind = AdviceKind.Fallback,
            EarlierAdviceOn = Received.AddMonths(-1),
        };

        Assert.Equal(Outcome.Investigate, Policy.Prejudge(fallback).Outcome);
        Assert.Equal(Ground.WswAble, Policy.Prejudge(fallback with { OldWswAdvice = OldWswAdvice.Able }).Ground);
        Assert.Equal(Ground.RepeatWithinTwelveMonths, Policy.Prejudge(fallback with { Kind = AdviceKind.Repeat }).Ground);
    }

    [Theory]
    [InlineData("2014-12-31", null, false)]
    [InlineData("2015-01-01", "2015-01-01", false)]
    [InlineData("2016-12-31", "2015-01-01", false)]
    [InlineData("2017-01-01", "2017-01-01", true)]
    [InlineData("2026-11-23", "2017-01-01", true)]
    public void The_day_of_receipt_chooses_the_version(string received, string? inForceFrom, bool citizensMayAsk)
    {
        var version = AdvicePolicy.On(DateOnly.Parse(received));

        Assert.Equal(inForceFrom, version?.InForceFrom.ToString("yyyy-MM-dd"));
        Assert.Equal(citizensMayAsk, version?.CitizensMayAsk ?? false);
    }

    [Theory]
    [InlineData("2017-01-02", "2017-02-27")]
    [InlineData("2020-01-06", "2020-03-02")] // through 29 February
    [InlineData("2017-03-20", "2017-05-15")] // through the start of summer time
    public void The_advice_is_due_eight_weeks_after_receipt(string received, string due) =>
        Assert.Equal(DateOnly.Parse(due), Policy.DueOn(DateOnly.Parse(received)));

    [Fact]
    public void The_verdict_follows_from_the_assessment()
    {
        for (var answers = 0; answers < 64; answers++)
        {
            var assessment = Assessments.With(answers);
            var capacity = (answers & 0b1111) == 0b1111;
            var (adaptation, guidance) = ((answers & 0b10000) != 0, (answers & 0b100000) != 0);

            var ground = Policy.Derive(assessment);

            Assert.Equal(capacity && (adaptation || guidance) ? Verdict.Positive : Verdict.Negative, AdvicePolicy.VerdictOf(ground));
            Assert.Equal(!capacity, ground == Ground.NoWorkCapacity);
            Assert.Equal(capacity && adaptation, ground is Ground.Adaptation or Ground.Both);
            Assert.Equal(capacity && guidance, ground is Ground.Guidance or Ground.Both);
        }
    }

    [Fact]
    public void Every_ground_has_a_verdict() =>
        Assert.All(Enum.GetValues<Ground>(), ground =>
            Assert.Equal(ground == Ground.Unspecified, AdvicePolicy.VerdictOf(ground) == Verdict.Unspecified));

    private static readonly Gen<RequestFacts> AnyFacts = Gen.Select(
        Gen.Int[0, 4_000], Gen.Int[-40, 800].Nullable(), Gen.Enum<OldWswAdvice>(), Gen.OneOfConst(Requester.Citizen, Requester.Municipality),
        Gen.OneOfConst(AdviceKind.First, AdviceKind.Repeat, AdviceKind.Fallback), Gen.Bool, Gen.Bool,
        (day, before, wsw, requester, kind, factsSinceWsw, factsSinceAdvice) =>
        {
            var received = new DateOnly(2017, 1, 1).AddDays(day);
            return new RequestFacts
            {
                ReceivedOn = received,
                Requester = requester,
                Kind = kind,
                OldWswAdvice = wsw,
                NewFactsSinceWswIndication = factsSinceWsw,
                NewFactsSinceEarlierAdvice = factsSinceAdvice,
                EarlierAdviceOn = before is { } days ? received.AddDays(-days) : null,
            };
        });

    [Fact]
    public void A_municipality_is_never_bound_by_an_earlier_advice() => AnyFacts.Sample(facts =>
    {
        var asked = facts with { Requester = Requester.Municipality };
        Assert.Equal(Policy.Prejudge(asked with { EarlierAdviceOn = null }), Policy.Prejudge(asked));
    });

    [Fact]
    public void Each_derogation_lifts_its_own_rule_only() => AnyFacts.Sample(facts =>
    {
        var sinceWsw = facts with { NewFactsSinceWswIndication = true };
        Assert.Null(Policy.WswRule(sinceWsw));
        Assert.Equal(Policy.RepeatRule(facts), Policy.RepeatRule(sinceWsw));

        var sinceAdvice = facts with { NewFactsSinceEarlierAdvice = true };
        Assert.Null(Policy.RepeatRule(sinceAdvice));
        Assert.Equal(Policy.WswRule(facts), Policy.WswRule(sinceAdvice));
    });

    [Fact]
    public void With_new_facts_since_both_UWV_always_investigates() => AnyFacts.Sample(facts =>
        Assert.Equal(
            new Prejudgement(Outcome.Investigate),
            Policy.Prejudge(facts with { NewFactsSinceWswIndication = true, NewFactsSinceEarlierAdvice = true })));

    [Fact]
    public void An_advice_without_investigation_has_a_ground_of_a_rule_that_speaks() => AnyFacts.Sample(facts =>
    {
        var said = Policy.Prejudge(facts);
        Ground?[] rules = [Policy.WswRule(facts), Policy.RepeatRule(facts)];
        switch (said.Outcome)
        {
            case Outcome.Advice:
                Assert.Contains(said.Ground, rules);
                Assert.All(rules, rule => Assert.True(rule is null || AdvicePolicy.VerdictOf(rule.Value) == said.Verdict));
                break;
            case Outcome.LegalConflict:
                Assert.Equal([Ground.WswNotAble, Ground.RepeatWithinTwelveMonths], rules);
                break;
            default:
                Assert.Equal(Outcome.Investigate, said.Outcome);
                Assert.All(rules, rule => Assert.Null(rule));
                break;
        }
    });

    [Fact]
    public void Who_waits_a_year_and_a_day_is_never_bound() => AnyFacts.Sample(facts =>
    {
        var late = facts with { EarlierAdviceOn = facts.ReceivedOn.AddYears(-1).AddDays(-1) };
        Assert.Null(Policy.RepeatRule(late));
    });
}
