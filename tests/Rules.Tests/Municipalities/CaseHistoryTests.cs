using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>What was seen to go wrong when a case followed the order in which its facts were told.</summary>
public class CaseHistoryTests
{
    private static readonly DateOnly February = new(2018, 2, 1);
    private static readonly DateOnly March31 = new(2018, 3, 31);
    private static readonly DateOnly April30 = new(2018, 4, 30);
    private static readonly DateOnly Today = new(2018, 6, 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_two_placements_on_one_offer_the_last_that_ends_frees_the_place_in_whatever_order_the_ends_are_told(bool lastFirst)
    {
        var found = new CaseIn().Accepted().Place(February, minutes: 1200);
        var a = found.Placement;
        var b = found.Place(February, minutes: 600).Placement;
        if (lastFirst) found.End(April30, EndReason.NotRenewed, placement: a).End(March31, EndReason.NotRenewed, placement: b);
        else found.End(March31, EndReason.NotRenewed, placement: b).End(April30, EndReason.NotRenewed, placement: a);

        Assert.Equal(CaseState.Placed, found.History.At(April30).State);
        Assert.Equal(CaseState.DeterminedPositive, found.History.At(April30.AddDays(1)).State);
        Assert.Equal((OfferState.Lapsed, April30.AddDays(1)), (found.View.Offers[0].State, found.View.Offers[0].FreedFrom));
        Assert.Equal(new Standing(StandingKind.Waiting, 0, April30.AddDays(1), null), CaseStandings.Of(found.History, Today)[^1]);
        Assert.Equal([April30.AddDays(1)], found.History.Course.Duties);
    }

    [Fact]
    public void The_reason_of_the_last_end_counts_and_of_two_on_one_day_what_is_said_of_the_person()
    {
        var twins = Twins(out var a, out var b);
        Assert.Equal(CaseState.DroppedOut, twins.End(April30, EndReason.NotRenewed, placement: a).End(April30, EndReason.Dropout, placement: b).View.State);
        Assert.Equal(April30, twins.View.DroppedOutOn);
        Assert.Single(twins.History.Course.Dropouts);

        var earlier = Twins(out a, out b).End(March31, EndReason.Dropout, placement: a).End(April30, EndReason.NotRenewed, placement: b);
        Assert.Equal(CaseState.DeterminedPositive, earlier.View.State);
        Assert.Empty(earlier.History.Course.Dropouts);

        Assert.Equal(
            CaseState.Exited, Twins(out a, out b).End(April30, EndReason.Dropout, placement: a).End(April30, EndReason.Banenafspraak, placement: b).View.State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_correction_of_a_twin_changes_nothing_but_its_own_days(bool correctionFirst)
    {
        var twins = Twins(out var a, out var b);
        if (correctionFirst) twins.End(February, EndReason.Correction, placement: b).End(April30, EndReason.NotRenewed, placement: a);
        else twins.End(April30, EndReason.NotRenewed, placement: a).End(February, EndReason.Correction, placement: b);
        Assert.Equal(CaseState.DeterminedPositive, twins.View.State);
        Assert.Equal(
            [new Standing(StandingKind.AtWork, 1200, February, April30, twins.Offer, a)],
            CaseStandings.Of(twins.History, Today).Where(standing => standing.Kind == StandingKind.AtWork));
    }

    [Theory]
    [InlineData(EndReason.NotRenewed, CaseState.DeterminedPositive)]
    [InlineData(EndReason.Banenafspraak, CaseState.Exited)]
    [InlineData(EndReason.Dropout, CaseState.DroppedOut)]
    public void A_forgotten_placement_joins_the_history_and_the_case_stays_as_it_was(EndReason reason, CaseState state)
    {
        var found = new CaseIn().Accepted().Place(new DateOnly(2018, 3, 1)).End(March31, reason);
        var before = found.View;
        found.Place(February, new DateOnly(2018, 2, 28));
        Assert.Equal((state, before.State, before.DroppedOutOn), (found.View.State, state, found.View.DroppedOutOn));
        Assert.Equal(
            [(February, new DateOnly(2018, 2, 28)), (new DateOnly(2018, 3, 1), March31)],
            CaseStandings.Of(found.History, Today).Where(standing => standing.Kind == StandingKind.AtWork).Select(standing => (standing.FromOn, standing.LastDay!.Value)));
        Assert.Empty(found.History.Course.Contradictions);
    }

    [Fact]
    public void Fixed_work_that_nobody_ends_ends_on_its_last_day()
    {
        var found = new CaseIn().Accepted().Place(February, March31);
        Assert.Equal((CaseState.Placed, false), (found.History.At(March31).State, found.History.At(March31).DutyOpen));
        Assert.Equal((CaseState.DeterminedPositive, true), (found.History.At(March31.AddDays(1)).State, found.History.At(March31.AddDays(1)).DutyOpen));
        Assert.Equal(March31.AddDays(1), found.History.TurnsAfter(March31));

        // Until that day nothing is told: a renewal keeps the place.
        Assert.Empty(CaseConsequences.Of(found.History, March31));
        var freed = Assert.IsType<PlaceFreed>(Assert.Single(CaseConsequences.Of(found.History, March31.AddDays(1))));
        Assert.Equal(March31.AddDays(1).ToDate(), freed.FreedFrom);
        Assert.DoesNotContain(CaseStandings.Of(found.History, March31), standing => standing.FromOn > March31);
        Assert.Equal(March31.AddDays(1), CaseConsequences.NewDuty(found.History, null, March31.AddDays(1), March31.AddDays(1)));
        Assert.Null(CaseConsequences.NewDuty(found.History, found.History, Today.AddDays(1), Today));
        // What was met before anybody knew of it is not told.
        found.MakeOffer(new DateOnly(2018, 4, 10));
        Assert.Null(CaseConsequences.NewDuty(found.History, null, March31.AddDays(1), Today));
    }

    [Fact]
    public void A_renewal_that_is_told_late_takes_the_place_back()
    {
        var found = new CaseIn().Accepted().Place(February, March31);
        found.Tell(new PlaceFreed { CaseId = found.CaseId, OfferId = found.Offer.Text(), FreedFrom = March31.AddDays(1).ToDate() });
        found.Place(March31.AddDays(1), Today.AddMonths(6));
        Assert.Equal(CaseState.Placed, found.History.At(Today).State);
        Assert.IsType<PlaceTakenAgain>(Assert.Single(CaseConsequences.Of(found.History, Today)));
        Assert.Empty(found.History.Course.Contradictions);
    }

    [Fact]
    public void What_was_a_dropout_is_in_the_timeline_and_not_in_the_case()
    {
        var found = new CaseIn().Ask().DropOut(Advised);
        Assert.Equal(Advised, found.View.DroppedOutOn);
        found.Ask(Later).Advise(day: Later.AddDays(30)).Determine(day: Later.AddDays(40)).MakeOffer(Later.AddDays(50)).Answer(day: Later.AddDays(51)).Place(Later.AddDays(60));
        Assert.Equal((CaseState.Placed, null), (found.View.State, found.View.DroppedOutOn));
    }

    [Fact]
    public void An_end_that_was_wrong_is_corrected_and_everything_follows()
    {
        var found = new CaseIn().Accepted().Place(February).End(March31, EndReason.Banenafspraak);
        Assert.Equal(CaseState.Exited, found.View.State);
        found.CorrectEnd(April30, EndReason.NotRenewed, 3);
        Assert.Equal((CaseState.DeterminedPositive, April30.AddDays(1)), (found.View.State, found.View.Offers[0].FreedFrom));
        found.CorrectEnd(null, EndReason.Unspecified, 4);
        Assert.Equal((CaseState.Placed, OfferState.Realised), (found.View.State, found.View.Offers[0].State));
    }

    [Fact]
    public void An_end_that_never_was_contradicts_the_offer_that_was_made_since_until_it_is_withdrawn()
    {
        var found = new CaseIn().Accepted().Place(February).End(March31, EndReason.NotRenewed);
        var first = found.Offer;
        found.MakeOffer(April30, April30.AddDays(10)).Answer(day: April30.AddDays(1));
        Assert.Equal(CaseState.OfferAccepted, found.View.State);
        var placement = found.Placement;
        found.CorrectEnd(null, EndReason.Unspecified, 3, placement);
        Assert.Equal(CaseState.Placed, found.View.State);
        Assert.Equal([new Contradiction(DiscrepancyKind.OfferWhileAtWork, found.Offer.Text())], found.History.Course.Contradictions);
        Assert.Equal(OfferState.Realised, found.View.Offer(first)!.State);

        found.WithdrawOffer(Today);
        Assert.Empty(found.History.Course.Contradictions);
        Assert.Equal(CaseState.Placed, found.View.State);
    }

    [Fact]
    public void Hours_from_an_earlier_day_may_be_told_after_those_from_a_later_one()
    {
        var found = new CaseIn().Accepted().Place(February).Amend(new DateOnly(2018, 3, 10), 1800, 2).Amend(new DateOnly(2018, 3, 1), 1200, 3);
        Assert.Equal(
            [(February, 1500), (new DateOnly(2018, 3, 1), 1200), (new DateOnly(2018, 3, 10), 1800)],
            CaseStandings.Of(found.History, Today).Where(standing => standing.Kind == StandingKind.AtWork).Select(standing => (standing.FromOn, standing.Minutes)));
    }

    [Fact]
    public void A_next_place_is_reserved_from_the_day_after_the_work_of_now()
    {
        var found = new CaseIn().Accepted().Place(February, March31).MakeOffer(new DateOnly(2018, 3, 1), new DateOnly(2018, 4, 9), minutes: 900).Answer(day: new DateOnly(2018, 3, 5));
        Assert.Equal(CaseState.Placed, found.History.At(March31).State);
        Assert.Equal(CaseState.OfferAccepted, found.History.At(March31.AddDays(1)).State);
        Assert.Empty(found.History.Course.Contradictions);
        Assert.Empty(found.History.Course.Duties);
        Assert.Equal(new Standing(StandingKind.Reserved, 900, March31.AddDays(1), null, found.Offer), CaseStandings.Of(found.History, Today)[^1]);

        found.Place(new DateOnly(2018, 4, 9));
        Assert.Equal(CaseState.Placed, found.View.State);
        Assert.Equal([OfferState.Lapsed, OfferState.Realised], found.View.Offers.Select(offer => offer.State));
    }

    [Fact]
    public void What_never_was_gives_the_reservation_back()
    {
        var found = new CaseIn().Accepted().Place().End(Started, EndReason.Correction);
        Assert.Equal((CaseState.OfferAccepted, OfferState.Accepted), (found.View.State, found.View.Offers[0].State));
        Assert.Equal(new Standing(StandingKind.Reserved, 1500, Offered, null, found.Offer), CaseStandings.Of(found.History, Today)[^1]);
    }

    [Fact]
    public void A_case_counts_as_one_thing_a_day_on_its_way_to_work_and_out()
    {
        var found = new CaseIn().Accepted().Place().Amend(Started.AddDays(30), 1200, 2).End(Left, EndReason.OtherShelteredEmployer, 3);
        Assert.Equal(
            [
                new Standing(StandingKind.Waiting, 0, Determined, Offered.AddDays(-1)),
                new Standing(StandingKind.Reserved, 1500, Offered, Started.AddDays(-1), found.Offer),
                new Standing(StandingKind.AtWork, 1500, Started, Started.AddDays(29), found.Offer, found.Placement),
                new Standing(StandingKind.AtWork, 1200, Started.AddDays(30), Left, found.Offer, found.Placement),
                new Standing(StandingKind.Waiting, 0, Left.AddDays(1), null),
            ],
            CaseStandings.Of(found.History, Today));
    }

    [Fact]
    public void Hours_beyond_forty_are_named_while_they_are_told()
    {
        var found = new CaseIn().Accepted().Place();
        var excess = new HoursExceeded { CaseId = found.CaseId, PlacementId = found.Placement.Text(), FromOn = Started.ToDate(), MinutesPerWeek = 2700 };
        var over = new HoursExcessEnded { CaseId = found.CaseId, PlacementId = excess.PlacementId, FromOn = excess.FromOn, MinutesPerWeek = 2700 };
        var another = new HoursExceeded(excess) { MinutesPerWeek = 2460 };
        var named = new Contradiction(DiscrepancyKind.HoursExceedForty, excess.PlacementId);

        Assert.Equal([named], found.Of([.. found.Facts, excess]).Course.Contradictions);
        Assert.Empty(found.Of([.. found.Facts, excess, over]).Course.Contradictions);
        Assert.Equal([named], found.Of([.. found.Facts, excess, over, another]).Course.Contradictions);
        Assert.Equal([named], found.Of([.. found.Facts, excess, over, excess]).Course.Contradictions);
        Assert.Equal(found.View.State, found.Of([.. found.Facts, excess]).At(DateOnly.MaxValue).State);
    }

    [Fact]
    public void Hours_beyond_forty_within_one_municipality_are_named_too()
    {
        var found = new CaseIn().Accepted().Place(February, minutes: 1500);
        found.Place(February.AddDays(7), minutes: 1200);
        Assert.Equal([new Contradiction(DiscrepancyKind.HoursExceedForty, found.Placement.Text())], found.History.Course.Contradictions);
        found.Amend(February.AddDays(7), 900, 2);
        Assert.Empty(found.History.Course.Contradictions);
    }

    private static CaseIn Twins(out Guid a, out Guid b)
    {
        var found = new CaseIn().Accepted().Place(February, minutes: 1200);
        a = found.Placement;
        b = found.Place(February, minutes: 600).Placement;
        return found;
    }
}
