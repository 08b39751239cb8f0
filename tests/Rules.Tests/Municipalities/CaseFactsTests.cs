using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Rules.Tests.Municipalities;

public class CaseFactsTests
{
    private static readonly CaseState[] States = [.. Enum.GetValues<CaseState>().Where(state => state != CaseState.Unspecified)];

    private static readonly CaseState[] Decided =
    [
        CaseState.DeterminedPositive, CaseState.OfferOpen, CaseState.OfferAccepted, CaseState.OfferDeclined, CaseState.AlternativeOffered, CaseState.Placed,
    ];

    [Fact]
    public void An_advice_that_nobody_waits_for_is_named_only_after_a_positive_decision()
    {
        foreach (var state in States)
        {
            var expected = Decided.Contains(state) ? DiscrepancyKind.AdviceAfterDetermination : (DiscrepancyKind?)null;
            Assert.Equal(expected, CaseRules.OnAdvice(CaseIn.State(state).Case));
        }
    }

    [Fact]
    public void A_new_advice_begins_a_new_round_without_the_earlier_decision()
    {
        var found = CaseIn.State(CaseState.DeterminedNegative).Case;
        found.Apply(CaseIn.Advice(found, Verdict.Positive, Ids.New()));
        Assert.Equal(CaseState.AdvisedPositive, found.State);
        Assert.Equal(Determination.Unspecified, found.Determination);
        Assert.Null(found.DeterminedOn);
    }

    [Fact]
    public void Who_dropped_out_while_UWV_was_at_work_does_not_come_back_by_its_advice()
    {
        var found = CaseIn.State(CaseState.Requested).Case;
        found.Apply(CaseRules.DropOut(found, null, DropoutReason.Illness, "", CaseIn.Advised).Value);
        found.Apply(CaseIn.Advice(found, Verdict.Positive));
        Assert.Equal(CaseState.DroppedOut, found.State);
        Assert.Equal(Verdict.Positive, found.Verdict);

        found.Apply(CaseIn.Advice(found, Verdict.Positive, Ids.New()));
        Assert.Equal(CaseState.AdvisedPositive, found.State);
    }

    [Fact]
    public void A_withdrawal_ends_only_the_round_that_runs()
    {
        var found = CaseIn.State(CaseState.Requested).Case;
        var withdrawn = new AdviceWithdrawn { AdviceRequestId = found.AdviceRequestId!.Value.Text() };
        Assert.True(CaseRules.EndsRound(found, withdrawn));
        Assert.False(CaseRules.EndsRound(found, new AdviceWithdrawn { AdviceRequestId = Ids.New().Text() }));
        found.Apply(CaseIn.Advice(found, Verdict.Negative));
        Assert.False(CaseRules.EndsRound(found, withdrawn));
    }

    [Fact]
    public void A_placement_rests_on_a_determination_and_an_accepted_offer()
    {
        var (accepted, offer) = CaseIn.State(CaseState.OfferAccepted);
        Assert.Null(CaseRules.OnPlacement(accepted.Determination, offer!.State));
        Assert.Equal(DiscrepancyKind.PlacedWithoutOffer, CaseRules.OnPlacement(accepted.Determination, null));
        offer.Realise();
        Assert.Null(CaseRules.OnPlacement(accepted.Determination, offer.State));
        offer.Lapse();
        Assert.Equal(DiscrepancyKind.PlacedWithoutOffer, CaseRules.OnPlacement(accepted.Determination, offer.State));

        var (open, openOffer) = CaseIn.State(CaseState.OfferOpen);
        Assert.Equal(DiscrepancyKind.PlacedWithoutOffer, CaseRules.OnPlacement(open.Determination, openOffer!.State));
        foreach (var state in new[] { CaseState.Identified, CaseState.AdvisedPositive, CaseState.DeterminedNegative })
        {
            Assert.Equal(DiscrepancyKind.PlacedWithoutDetermination, CaseRules.OnPlacement(CaseIn.State(state).Case.Determination, null));
        }
    }

    [Theory]
    [InlineData(EndReason.Banenafspraak, AfterWork.Exited)]
    [InlineData(EndReason.Regular, AfterWork.Exited)]
    [InlineData(EndReason.Dagbesteding, AfterWork.Exited)]
    [InlineData(EndReason.CapacityLost, AfterWork.Exited)]
    [InlineData(EndReason.Retired, AfterWork.Exited)]
    [InlineData(EndReason.Deceased, AfterWork.Exited)]
    [InlineData(EndReason.Dropout, AfterWork.DroppedOut)]
    [InlineData(EndReason.NotRenewed, AfterWork.OwedAgain)]
    [InlineData(EndReason.OtherShelteredEmployer, AfterWork.OwedAgain)]
    [InlineData(EndReason.Correction, AfterWork.NeverStarted)]
    public void The_reason_of_an_end_says_what_follows(EndReason reason, AfterWork follows) => Assert.Equal(follows, CaseRules.OnEnd(reason));

    [Fact]
    public void A_dropout_at_work_keeps_its_category_and_day()
    {
        var found = CaseIn.State(CaseState.Placed).Case;
        var lastDay = new Google.Type.Date { Year = 2017, Month = 6, Day = 30 };
        foreach (var (cause, reason) in new[]
        {
            (EndCause.Illness, DropoutReason.Illness), (EndCause.Moved, DropoutReason.Moved), (EndCause.Declined, DropoutReason.Declined),
            (EndCause.Deteriorated, DropoutReason.Deteriorated), (EndCause.Other, DropoutReason.Other), (EndCause.Unspecified, DropoutReason.Other),
        })
        {
            var dropped = CaseRules.DroppedOutAtWork(found, new PlacementEnded { Cause = cause, LastDay = lastDay, Reason = EndReason.Dropout });
            Assert.Equal((reason, DropoutPhase.AfterPlacement, lastDay), (dropped.Reason, dropped.Phase, dropped.DroppedOutOn));
        }
    }

    [Fact]
    public void Every_change_raises_the_version()
    {
        var found = CaseIn.State(CaseState.DeterminedPositive).Case;
        var before = found.Version;
        found.Note(DiscrepancyKind.PlacedWithoutOffer);
        found.Note(DiscrepancyKind.PlacedWithoutOffer);
        Assert.Equal(before + 2, found.Version);
        Assert.Equal([DiscrepancyKind.PlacedWithoutOffer], found.FoundDiscrepancies);
    }

    [Fact]
    public void Every_event_of_a_timeline_names_its_article()
    {
        string[] packages = ["beschutwerk.municipalities.v1", "beschutwerk.uwv.v1", "beschutwerk.swcompanies.v1"];
        var events = EventTypes.All.Where(type => packages.Contains(type.Message.File.Package) && !IsPartOfAnother(type)).Select(type => type.Name);
        Assert.Empty(events.Except(LegalBasis.ByEvent.Keys));
        Assert.All(LegalBasis.ByEvent.Values, basis => Assert.Contains("art.", basis));
    }

    private static bool IsPartOfAnother(EventType type) => type.Message.File.MessageTypes
        .SelectMany(message => message.Fields.InDeclarationOrder())
        .Any(field => field.FieldType == FieldType.Message && field.MessageType == type.Message);
}
