using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Sector.Work;
using Google.Protobuf.Reflection;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>What facts of others make of a case, and what contradicts it.</summary>
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
            var found = State(state).Advise(day: Later, request: Ids.New());
            Assert.Equal(
                Decided.Contains(state) ? [DiscrepancyKind.AdviceAfterDetermination] : [], found.History.Course.Contradictions.Select(contradiction => contradiction.Kind));
        }
    }

    [Fact]
    public void A_new_advice_begins_a_new_round_without_the_earlier_decision()
    {
        var found = State(CaseState.DeterminedNegative).Advise(day: Later, request: Ids.New()).View;
        Assert.Equal((CaseState.AdvisedPositive, Determination.Unspecified, null), (found.State, found.Determination, found.DeterminedOn));
    }

    [Fact]
    public void An_advice_that_is_told_again_after_a_restore_changes_nothing()
    {
        var found = State(CaseState.DeterminedNegative).Advise(Verdict.Negative);
        Assert.Equal(CaseState.DeterminedNegative, found.View.State);
        Assert.Empty(State(CaseState.Placed).Advise().History.Course.Contradictions);
    }

    [Fact]
    public void Who_dropped_out_while_UWV_was_at_work_does_not_come_back_by_its_advice()
    {
        var found = State(CaseState.Requested).DropOut(Advised).Advise(day: Advised);
        Assert.Equal((CaseState.DroppedOut, Verdict.Positive), (found.View.State, found.View.Verdict));
        Assert.Equal(CaseState.AdvisedPositive, found.Advise(day: Later, request: Ids.New()).View.State);
    }

    [Fact]
    public void A_withdrawal_ends_only_the_round_that_runs()
    {
        Assert.Equal(CaseState.AdviceWithdrawn, State(CaseState.Requested).WithdrawRequest(Advised).View.State);
        var other = State(CaseState.Requested);
        other.Tell(new AdviceWithdrawn { AdviceRequestId = Ids.New().Text(), WithdrawnOn = Advised.ToDate() });
        Assert.Equal(CaseState.Requested, other.View.State);
        Assert.Equal(CaseState.AdvisedNegative, State(CaseState.AdvisedNegative).WithdrawRequest(Later).View.State);
    }

    [Fact]
    public void A_placement_rests_on_a_determination_and_an_accepted_offer()
    {
        Assert.Null(CaseRules.OnPlacement(Determination.Positive, OfferState.Accepted));
        Assert.Null(CaseRules.OnPlacement(Determination.Positive, OfferState.Realised));
        foreach (var offer in new OfferState?[] { null, OfferState.Open, OfferState.Refused, OfferState.Retracted, OfferState.Lapsed })
        {
            Assert.Equal(DiscrepancyKind.PlacedWithoutOffer, CaseRules.OnPlacement(Determination.Positive, offer));
            Assert.Equal(DiscrepancyKind.PlacedWithoutDetermination, CaseRules.OnPlacement(Determination.Negative, offer));
            Assert.Equal(DiscrepancyKind.PlacedWithoutDetermination, CaseRules.OnPlacement(Determination.Unspecified, offer));
        }
    }

    [Fact]
    public void Who_works_without_an_accepted_offer_works_and_who_is_not_determined_is_no_placed_candidate()
    {
        var open = State(CaseState.OfferOpen).Place();
        Assert.Equal((CaseState.Placed, OfferState.Realised), (open.View.State, open.View.Offers[0].State));
        Assert.Equal([new Contradiction(DiscrepancyKind.PlacedWithoutOffer, open.Placement.Text())], open.History.Course.Contradictions);

        var identified = State(CaseState.Identified).Place(offer: Ids.New());
        Assert.Equal(CaseState.Identified, identified.View.State);
        Assert.Equal([new Contradiction(DiscrepancyKind.PlacedWithoutDetermination, identified.Placement.Text())], identified.History.Course.Contradictions);
    }

    [Fact]
    public void An_end_or_change_of_an_unknown_placement_is_named_until_the_placement_is_told()
    {
        var found = State(CaseState.OfferAccepted);
        var placement = Ids.New();
        found.End(Left, EndReason.Regular, placement: placement).Amend(Started.AddDays(5), 600, 3, placement: placement);
        Assert.Equal([new Contradiction(DiscrepancyKind.EndedWithoutPlacement, placement.Text())], found.History.Course.Contradictions);
        Assert.Equal(CaseState.OfferAccepted, found.View.State);
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
    [InlineData(null, AfterWork.OwedAgain)]
    public void The_reason_of_an_end_says_what_follows(EndReason? reason, AfterWork follows) => Assert.Equal(follows, CaseRules.OnEnd(reason));

    [Fact]
    public void A_dropout_at_work_keeps_its_category_and_day()
    {
        foreach (var (cause, reason) in new[]
        {
            (EndCause.Illness, DropoutReason.Illness), (EndCause.Moved, DropoutReason.Moved), (EndCause.Declined, DropoutReason.Declined),
            (EndCause.Deteriorated, DropoutReason.Deteriorated), (EndCause.Other, DropoutReason.Other), (EndCause.Unspecified, DropoutReason.Other),
        })
        {
            var dropped = CaseRules.DroppedOutAtWork(Ids.New(), new PlacementEnd(Left, EndReason.Dropout, cause));
            Assert.Equal((reason, DropoutPhase.AfterPlacement, Left.ToDate()), (dropped.Reason, dropped.Phase, dropped.DroppedOutOn));
        }
    }

    [Fact]
    public void Every_discrepancy_has_its_remedy()
    {
        foreach (var kind in Enum.GetValues<DiscrepancyKind>().Where(kind => kind != DiscrepancyKind.Unspecified)) Assert.NotEmpty(Remedies.Dutch(kind));
    }

    [Fact]
    public void Every_event_of_a_timeline_names_its_article()
    {
        string[] packages = ["beschutwerk.municipalities.v1", "beschutwerk.uwv.v1", "beschutwerk.swcompanies.v1"];
        var events = EventTypes.All.Where(type => packages.Contains(type.Message.File.Package) && !IsPartOfAnother(type) && type.OnlyService.Length == 0)
            .Select(type => type.Name);
        Assert.Empty(events.Except(LegalBasis.ByEvent.Keys));
        Assert.All(LegalBasis.ByEvent.Values, basis => Assert.Contains("art.", basis));
    }

    private static bool IsPartOfAnother(EventType type) => type.Message.File.MessageTypes
        .SelectMany(message => message.Fields.InDeclarationOrder())
        .Any(field => field.FieldType == FieldType.Message && field.MessageType == type.Message);
}
