using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>Ways of a case that two offers, two requests or two corrections make.</summary>
public class CaseCourseTests
{
    private static readonly DateOnly February = new(2018, 2, 1);
    private static readonly DateOnly March31 = new(2018, 3, 31);
    private static readonly DateOnly April1 = new(2018, 4, 1);
    private static readonly DateOnly April30 = new(2018, 4, 30);
    private static readonly DateOnly Today = new(2018, 6, 1);

    [Fact]
    public void A_dropout_whose_end_is_corrected_to_and_fro_is_told_as_it_is_in_the_end()
    {
        var found = new CaseIn().Accepted().Place(February).End(March31, EndReason.Dropout, cause: EndCause.Illness);
        TellWhatFollows(found);
        found.Tell(Corrected(found, April30, 3));
        TellWhatFollows(found);
        found.Tell(Corrected(found, March31, 4));
        TellWhatFollows(found);

        Assert.Equal(March31, found.View.DroppedOutOn);
        Assert.Equal(March31, found.Facts.OfType<CandidateDroppedOut>().Last().DroppedOutOn.ToDateOnly());
    }

    /// <summary>What was is in the timeline, what is in the case.</summary>
    [Fact]
    public void Who_comes_back_after_a_dropout_and_is_placed_shows_no_dropout_any_more()
    {
        var found = new CaseIn().DropOut(new DateOnly(2017, 3, 1));
        Assert.Equal((CaseState.DroppedOut, (DateOnly?)new DateOnly(2017, 3, 1)), (found.View.State, found.View.DroppedOutOn));
        found.Accepted().Place(February);
        Assert.Equal((CaseState.Placed, null), (found.View.State, found.View.DroppedOutOn));
        Assert.Contains(found.Facts, fact => fact is CandidateDroppedOut);
    }

    [Fact]
    public void An_advice_on_another_request_brings_nobody_back_who_dropped_out_while_UWV_was_at_work()
    {
        var found = new CaseIn().Ask();
        var ours = found.Request;
        // The citizen asked before they dropped out, and UWV advises after it.
        found.Ask(Asked.AddDays(2));
        var theirs = found.Request;
        found.DropOut(Advised).Advise(day: Determined, request: ours);
        Assert.Equal(CaseState.DroppedOut, found.View.State);
        found.Advise(day: Offered, request: theirs);
        Assert.Equal(CaseState.DroppedOut, found.View.State);
        // Of one that was not shared nothing else is known. Received after the dropout, it is a return.
        found.Tell(Unshared(Asked));
        Assert.Equal(CaseState.DroppedOut, found.View.State);
        found.Tell(Unshared(Offered));
        Assert.Equal(CaseState.AdvisedPositive, found.View.State);

        static AdviceIssued Unshared(DateOnly received) => new()
        {
            AdviceRequestId = Ids.New().Text(), Requester = Requester.Citizen, Verdict = Verdict.Positive, ReceivedOn = received.ToDate(),
            IssuedOn = Offered.AddDays(3).ToDate(),
        };
    }

    /// <summary>UWV ends a request for who died or moved also when it was received after that day, and on the day of its receipt.</summary>
    [Theory]
    [InlineData(DropoutReason.Illness, AdviceEnding.DroppedOut, 0)]
    [InlineData(DropoutReason.Deceased, AdviceEnding.Deceased, 0)]
    [InlineData(DropoutReason.Deceased, AdviceEnding.Deceased, 3)]
    [InlineData(DropoutReason.Moved, AdviceEnding.Moved, 3)]
    public void A_request_that_a_dropout_ends_leaves_the_case_dropped_out(DropoutReason reason, AdviceEnding ending, int daysAfter)
    {
        var found = new CaseIn().DropOut(Asked, reason);
        found.Ask(Asked.AddDays(daysAfter)).EndRequest(Asked.AddDays(daysAfter), ending);
        Assert.Equal((CaseState.DroppedOut, (DateOnly?)Asked), (found.View.State, found.View.DroppedOutOn));
    }

    [Theory]
    [InlineData(DropoutReason.Moved, AdviceEnding.Moved, 8)]
    [InlineData(DropoutReason.Moved, AdviceEnding.DroppedOut, 3)]
    [InlineData(DropoutReason.Illness, AdviceEnding.Moved, 3)]
    [InlineData(DropoutReason.Moved, AdviceEnding.Unspecified, 3)]
    public void A_return_that_ends_for_another_reason_than_the_dropout_is_a_round_that_ended(DropoutReason reason, AdviceEnding ending, int endsAfter)
    {
        var found = new CaseIn().DropOut(Asked, reason).Ask(Asked.AddDays(3)).EndRequest(Asked.AddDays(endsAfter), ending);
        Assert.Equal((CaseState.AdviceWithdrawn, null), (found.View.State, found.View.DroppedOutOn));
        // Nothing of the dropout is left for the next round.
        found.Ask(Asked.AddDays(9)).EndRequest(Asked.AddDays(9), AdviceEnding.Moved);
        Assert.Equal((CaseState.AdviceWithdrawn, null), (found.View.State, found.View.DroppedOutOn));
    }

    /// <summary>Of a person who was known twice, each case had asked.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_two_requests_that_a_dropout_ends_the_last_leaves_the_case_dropped_out(bool isLatestFirst)
    {
        var found = new CaseIn().DropOut(Asked, DropoutReason.Deceased).Ask(Asked.AddDays(2));
        var first = found.Request;
        found.Ask(Asked.AddDays(2));
        var second = found.Request;
        var (one, other) = isLatestFirst ? (second, first) : (first, second);
        found.EndRequest(Asked.AddDays(2), AdviceEnding.Deceased, one);
        Assert.Equal((CaseState.Requested, other), (found.View.State, found.View.AdviceRequestId));
        found.EndRequest(Asked.AddDays(2), AdviceEnding.Deceased, other);
        Assert.Equal((CaseState.DroppedOut, (DateOnly?)Asked), (found.View.State, found.View.DroppedOutOn));
    }

    /// <summary>UWV had ended the request before the municipality took the dropout back.</summary>
    [Fact]
    public void Without_the_dropout_that_ended_it_a_request_was_withdrawn()
    {
        var found = new CaseIn().DropOut(Asked, DropoutReason.Deceased);
        var dropout = found.Facts[^1];
        found.Ask(Asked.AddDays(3)).EndRequest(Asked.AddDays(3), AdviceEnding.Deceased);
        found.Tell(found.TakingBack(dropout).Value);
        Assert.Equal((CaseState.AdviceWithdrawn, null), (found.View.State, found.View.DroppedOutOn));
    }

    [Fact]
    public void Nobody_is_offered_a_second_place_while_an_accepted_offer_stands()
    {
        var found = new CaseIn().Accepted().Place(February, March31);
        var first = found.Offer;
        found.MakeOffer(new DateOnly(2018, 3, 15), April1).Answer(day: new DateOnly(2018, 3, 20));
        var second = found.Offer;
        // The first company renews after all, and its renewal expires.
        found.Place(April1, April30, offer: first);

        var view = found.History.On(new DateOnly(2018, 5, 7));
        Assert.Equal(second, view.StandingOffer!.OfferId);
        var ruling = CaseRules.Offer(view, Terms(new DateOnly(2018, 5, 7)), numberReached: false);
        Assert.Equal((true, ErrorReason.OfferStands), (ruling.IsRefused, ruling.Refusal?.Reason ?? ErrorReason.Unspecified));
    }

    [Fact]
    public void An_accepted_offer_holds_its_place_also_after_a_renewal_that_contradicted_it()
    {
        var found = new CaseIn().Accepted().Place(February, March31);
        var first = found.Offer;
        found.MakeOffer(new DateOnly(2018, 3, 15), April1).Answer(day: new DateOnly(2018, 3, 20));
        found.Place(April1, April30, offer: first);
        Assert.Equal(StandingKind.Reserved, CaseStandings.Of(found.History, Today)[^1].Kind);
    }

    [Fact]
    public void A_next_place_that_is_accepted_holds_its_minutes_while_the_work_of_now_runs()
    {
        var found = new CaseIn().Accepted().Place(February, new DateOnly(2018, 6, 30), minutes: 960);
        found.MakeOffer(new DateOnly(2018, 5, 15), new DateOnly(2018, 7, 1), minutes: 1860).Answer(day: new DateOnly(2018, 5, 20));
        Assert.Contains(CaseStandings.Of(found.History, Today), standing => standing is { Kind: StandingKind.Reserved, Minutes: 1860, LastDay: null });
    }

    [Fact]
    public void A_dropout_at_work_that_was_told_is_not_told_again_when_its_case_is_joined()
    {
        var goes = new CaseIn().Accepted().Place(February).End(March31, EndReason.Dropout, cause: EndCause.Illness);
        TellWhatFollows(goes);
        Assert.Empty(CaseConsequences.Of(goes.History, Today));
        var joined = new CaseIdentity([Ids.New(), Guid.Parse(goes.CaseId)], Opened, Benefit.Participatiewet);
        Assert.Empty(CaseConsequences.Of(CaseHistory.Of(joined, goes.Facts.Select((fact, i) => new CaseFact(fact, i + 1))), Today));
    }

    [Fact]
    public void The_last_dropout_that_is_told_is_the_latest_one_also_when_an_earlier_one_is_known_later()
    {
        var twice = new CaseIn().Accepted().Place(April1).End(April30, EndReason.Dropout, cause: EndCause.Illness);
        TellWhatFollows(twice);
        twice.Place(February).End(March31.AddDays(-10), EndReason.Dropout, cause: EndCause.Moved);
        var told = TellWhatFollows(twice).OfType<CandidateDroppedOut>().Select(dropped => dropped.DroppedOutOn.ToDateOnly());
        Assert.Equal([March31.AddDays(-10), April30], told);
        Assert.Empty(CaseConsequences.Of(twice.History, Today));
    }

    [Fact]
    public void A_duty_of_long_ago_is_not_told_anew_when_a_store_is_upgraded()
    {
        var found = new CaseIn().Accepted().Place(February, March31).MakeOffer(new DateOnly(2018, 4, 3), new DateOnly(2018, 4, 10)).Answer(day: new DateOnly(2018, 4, 4))
            .Place(new DateOnly(2018, 4, 10));
        Assert.Equal(CaseState.Placed, found.History.At(Today).State);
        Assert.Null(CaseConsequences.NewDuty(found.History, null, new DateOnly(2015, 1, 1), Today));
    }

    private static List<Google.Protobuf.IMessage> TellWhatFollows(CaseIn found)
    {
        var follows = CaseConsequences.Of(found.History, Today).ToList();
        foreach (var fact in follows) found.Tell(fact);
        return follows;
    }

    private static PlacementEndCorrected Corrected(CaseIn found, DateOnly lastDay, long version) => new()
    {
        PlacementId = found.Placement.Text(), CaseId = found.CaseId, OfferId = found.Offer.Text(), LastDay = lastDay.ToDate(),
        Reason = EndReason.Dropout, Cause = EndCause.Illness, Version = version,
    };
}
