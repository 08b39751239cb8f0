using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using Google.Protobuf;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>What a municipality recorded wrongly and takes back: the case is as if it had never been.</summary>
public class TakingBackTests
{
    private static readonly Dictionary<ActKind, (CaseState Before, Action<CaseIn> Act)> Acts = new()
    {
        [ActKind.Determination] = (CaseState.AdvisedPositive, found => found.Determine()),
        [ActKind.Offer] = (CaseState.DeterminedPositive, found => found.MakeOffer()),
        [ActKind.Answer] = (CaseState.OfferOpen, found => found.Answer(false, fitting: true)),
        [ActKind.Withdrawal] = (CaseState.OfferAccepted, found => found.WithdrawOffer(Answered)),
        [ActKind.Alternative] = (CaseState.DeterminedPositive, found => found.Alternative(Offered)),
        [ActKind.Dropout] = (CaseState.OfferAccepted, found => found.DropOut(Answered)),
    };

    public static TheoryData<ActKind> Kinds => [.. Enum.GetValues<ActKind>().Where(kind => kind != ActKind.Unspecified)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_act_can_be_taken_back(ActKind kind)
    {
        var (before, act) = Acts[kind];
        var found = State(before);
        var (view, days) = (found.View, found.History.Course.Days);
        act(found);
        Assert.NotEqual(before, found.View.State);

        var takenBack = found.TakingBack(found.Facts[^1]).Value;
        Assert.Equal((kind, found.CaseId), (takenBack.Kind, takenBack.CaseId));
        Assert.Equal(takenBack.Kind is ActKind.Offer or ActKind.Answer or ActKind.Withdrawal ? $"{found.Offer}" : "", takenBack.OfferId);
        found.Tell(takenBack);

        Assert.Equal(view with { Offers = [] }, found.View with { Offers = [] });
        Assert.Equal(view.Offers, found.View.Offers);
        Assert.Equal(days, found.History.Course.Days);
        Assert.Equal(ErrorReason.StateForbids, found.TakingBack(found.Facts[^2]).Refusal?.Reason);
    }

    /// <summary>The remedy of ACT_CONTRADICTED.</summary>
    [Fact]
    public void An_act_that_facts_contradict_is_named_until_it_is_taken_back()
    {
        var found = State(CaseState.OfferOpen).Determine(Determination.Negative, Later);
        Assert.Equal([DiscrepancyKind.ActContradicted], found.History.Course.Contradictions.Select(one => one.Kind));
        found.TakeBack();
        Assert.Empty(found.History.Course.Contradictions);
        var view = found.View;
        Assert.Equal((CaseState.OfferOpen, Determination.Positive, CaseIn.Determined), (view.State, view.Determination, view.DeterminedOn));
    }

    /// <summary>Who withdrew the contradicted offer, and went on: without the withdrawal the next offer would not fit.</summary>
    [Fact]
    public void An_offer_takes_its_answer_and_its_withdrawal_with_it()
    {
        var found = State(CaseState.Placed).End(Left, EndReason.NotRenewed).MakeOffer(Left.AddDays(2));
        var (offered, offer) = (found.Facts[^1], found.Offer);
        found.Answer(day: Left.AddDays(3)).WithdrawOffer(Left.AddDays(5));
        found.MakeOffer(Left.AddDays(6)).Answer(day: Left.AddDays(7)).Place(Left.AddDays(16));
        Assert.Empty(found.History.Course.Contradictions);
        var withdrawal = found.TakingBack(found.Facts.OfType<OfferWithdrawn>().Single()).Value;
        Assert.NotEmpty(found.History.With(withdrawal).Course.Contradictions);

        found.Tell(found.TakingBack(offered).Value);

        Assert.Empty(found.History.Course.Contradictions);
        Assert.Equal(CaseState.Placed, found.View.State);
        Assert.DoesNotContain(found.View.Offers, one => one.OfferId == offer);
        Assert.Equal(ErrorReason.StateForbids, found.TakingBack(found.Facts.OfType<OfferWithdrawn>().Single()).Refusal?.Reason);
    }

    [Fact]
    public void What_others_told_and_what_follows_is_not_taken_back()
    {
        var found = State(CaseState.Placed).End(Left, EndReason.Dropout);
        var follows = CaseConsequences.Of(found.History, Later).ToList();
        Assert.Contains(follows, fact => fact is CandidateDroppedOut);
        foreach (var fact in follows) found.Tell(fact);
        var others = found.Facts.Where(fact => fact is AdviceRequested or AdviceIssued or PlacementsReported or PlacementEnded);
        foreach (var fact in others.Concat(follows))
        {
            Assert.Equal(ErrorReason.ActNotTakenBack, found.TakingBack(fact).Refusal?.Reason);
        }
    }

    [Fact]
    public void Nothing_is_taken_back_before_its_day()
    {
        var found = State(CaseState.OfferOpen);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, found.TakingBack(found.Facts[^1], Offered.AddDays(-1)).Refusal?.Reason);
        Assert.False(found.TakingBack(found.Facts[^1], Offered).IsRefused);
    }

    [Fact]
    public void With_a_decision_it_is_told_which_one_holds_on_its_day()
    {
        var found = State(CaseState.DeterminedPositive).Determine(Determination.Negative).Determine(Determination.Positive, Later);
        var (first, second) = (found.Facts[^3], found.Facts[^2]);
        Told(Determination.Positive, CaseIn.Determined, found.TakingBack(second).Value);
        Told(Determination.Negative, CaseIn.Determined, found.TakingBack(first).Value);
        Told(Determination.Negative, CaseIn.Determined, found.TakingBack(found.Facts[^1]).Value);
        var only = State(CaseState.DeterminedPositive);
        Told(Determination.Unspecified, null, only.TakingBack(only.Facts[^1]).Value);

        static void Told(Determination expected, DateOnly? day, ActTakenBack told) =>
            Assert.Equal((expected, day.ToDate()), (told.Determination, told.DeterminedOn));
    }

    /// <summary>Who heard that the place is free by the withdrawal must hear that it is free all the same.</summary>
    [Fact]
    public void A_place_that_is_free_all_the_same_is_told_once_more()
    {
        var found = new CaseIn().Accepted().WithdrawOffer(Answered.AddDays(1));
        var withdrawal = found.Facts[^1];
        Tell(found, new PlaceFreed { CaseId = found.CaseId, OfferId = $"{found.Offer}", FreedFrom = Answered.AddDays(1).ToDate() });
        // The candidate had left the day before: told late.
        found.DropOut(Answered);
        Tell(found, new PlaceFreed { CaseId = found.CaseId, OfferId = $"{found.Offer}", FreedFrom = Answered.ToDate() });
        found.Tell(found.TakingBack(withdrawal).Value);
        Tell(found, new PlaceFreed { CaseId = found.CaseId, OfferId = $"{found.Offer}", FreedFrom = Answered.ToDate() });
        Assert.Empty(CaseConsequences.Of(found.History, Later));
    }

    private static void Tell(CaseIn found, IMessage follows)
    {
        Assert.Equal([follows], CaseConsequences.Of(found.History, Later));
        found.Tell(follows);
    }
}
