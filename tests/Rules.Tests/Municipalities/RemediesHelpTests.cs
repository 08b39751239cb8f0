using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>Whoever does what a remedy says is rid of the discrepancy.</summary>
public class RemediesHelpTests
{
    private static IEnumerable<DiscrepancyKind> Kinds(CaseIn found) => found.History.Course.Contradictions.Select(one => one.Kind);

    [Fact]
    public void Who_works_is_confirmed_without_leaving_work()
    {
        var found = State(CaseState.Placed).Advise(Verdict.Negative, Later, Ids.New()).Determine(day: Later.AddDays(1));
        Assert.Empty(Kinds(found));
        Assert.Equal(CaseState.Placed, found.View.State);
    }

    [Fact]
    public void Advice_after_determination_ends_when_the_college_confirms()
    {
        var found = State(CaseState.DeterminedPositive).Advise(Verdict.Negative, Later, Ids.New());
        Assert.Equal([DiscrepancyKind.AdviceAfterDetermination], Kinds(found));
        var ruling = CaseRules.Determine(found.History.On(Later.AddDays(1)), Determination.Positive, Later.AddDays(1), Later.AddDays(1), true);
        Assert.False(ruling.IsRefused, $"{ruling.Refusal?.Reason}");
        Assert.True(ruling.Value.Deviates);
        found.Tell(ruling.Value);
        Assert.Empty(Kinds(found));
        Assert.Equal((CaseState.DeterminedPositive, CaseIn.Determined), (found.View.State, found.View.DeterminedOn));
    }

    [Fact]
    public void Advice_after_determination_ends_when_the_college_revises()
    {
        var found = State(CaseState.DeterminedPositive).Advise(Verdict.Negative, Later, Ids.New()).Determine(Determination.Negative, Later.AddDays(1));
        Assert.Empty(Kinds(found));
    }

    [Fact]
    public void Placed_without_determination_ends_when_the_college_decides_now()
    {
        var found = State(CaseState.AdvisedPositive).Place(offer: Ids.New());
        Assert.Equal([DiscrepancyKind.PlacedWithoutDetermination], Kinds(found));
        found.Determine(day: Started.AddDays(30));
        Assert.Equal(CaseState.Placed, found.View.State);
        // What it was offered on is another question.
        Assert.Equal([DiscrepancyKind.PlacedWithoutOffer], Kinds(found));
        found.End(Left, EndReason.Regular);
        Assert.Equal(CaseState.Exited, found.View.State);
    }

    [Fact]
    public void Placed_without_offer_ends_when_the_answer_is_recorded()
    {
        var found = new CaseIn().Accepted(answered: false).Place();
        Assert.Equal([DiscrepancyKind.PlacedWithoutOffer], Kinds(found));
        found.Answer();
        Assert.Empty(Kinds(found));
    }

    [Fact]
    public void An_act_that_is_contradicted_is_named()
    {
        var found = State(CaseState.OfferOpen).Determine(Determination.Negative, Later);
        Assert.Equal([new Contradiction(DiscrepancyKind.ActContradicted, $"case-determined of {Later:yyyy-MM-dd}")], found.History.Course.Contradictions);
    }
}
