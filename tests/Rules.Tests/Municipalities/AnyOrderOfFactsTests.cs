using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Municipalities.Quota;
using CsCheck;
using Google.Protobuf;
using static BeschutWerk.Rules.Tests.Municipalities.CaseIn;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>
/// Ways of a case that the rules allow, act by act, with placements that are changed, ended and corrected: told in any order they
/// give the same case on every day, the same standings, and the same to tell to others.
/// </summary>
public class AnyOrderOfFactsTests
{
    private const int Days = 400;

    private static readonly Gen<(CaseIn Case, IMessage[] Order)> Ways = Gen.Select(Gen.Int[0, 99], Gen.Int[1, 25]).Array[4, 16]
        .Select(Way).SelectMany(found => Gen.Shuffle(found.Facts.ToArray()).Select(order => (found, order)));

    [Fact]
    public void Told_in_any_order_a_case_is_the_same_on_every_day() => Ways.Sample(
        way =>
        {
            var (expected, told) = (way.Case.History, way.Case.Of(way.Order));
            for (var offset = 0; offset <= Days; offset += 3)
            {
                var day = Opened.AddDays(offset);
                Assert.Equal(Text(expected.At(day)), Text(told.At(day)));
                Assert.Equal(CaseStandings.Of(expected, day).Select(Line).Order(), CaseStandings.Of(told, day).Select(Line).Order());
                Assert.Equal(
                    CaseConsequences.Of(expected, day).Select(fact => fact.ToString()).Order(), CaseConsequences.Of(told, day).Select(fact => fact.ToString()).Order());
            }

            Assert.Equal(expected.Course.Contradictions.Select(found => found.ToString()).Order(), told.Course.Contradictions.Select(found => found.ToString()).Order());
            Assert.Equal(expected.Course.Duties, told.Course.Duties);
            Assert.Equal((expected.Frontier, expected.TurnsAfter(Opened)), (told.Frontier, told.TurnsAfter(Opened)));
        },
        iter: 400);

    /// <summary>An act that was taken back leaves nothing, wherever it stood and whenever it was taken back.</summary>
    [Fact]
    public void A_case_is_as_if_what_was_taken_back_had_never_been() => Ways.Sample(
        way =>
        {
            var told = way.Case.Of(way.Order);
            var kept = told.Facts.Where(fact => fact.Data is not ActTakenBack && !told.IsTakenBack(fact));
            var without = way.Case.Of(kept.Select(fact => fact.Data));
            for (var offset = 0; offset <= Days; offset += 3)
            {
                var day = Opened.AddDays(offset);
                Assert.Equal(Text(without.At(day)), Text(told.At(day)));
                Assert.Equal(CaseStandings.Of(without, day), CaseStandings.Of(told, day));
            }

            Assert.Equal(without.Course.Contradictions, told.Course.Contradictions);
            Assert.Equal(without.Course.Duties, told.Course.Duties);
        },
        iter: 200);

    /// <summary>The ledger and the national figures count the same work: who works on a day, and how many minutes.</summary>
    [Fact]
    public void On_every_day_a_case_counts_once_and_as_its_placements_say() => Ways.Sample(
        way =>
        {
            var history = way.Case.Of(way.Order);
            var standings = CaseStandings.Of(history, Opened.AddDays(Days));
            for (var day = Opened; day <= Opened.AddDays(Days); day = day.AddDays(1))
            {
                var holding = standings.Where(standing => standing.Holds(day)).ToList();
                var atWork = history.Placements.Where(placement => placement.Record.IsInForce(day)).ToList();
                Assert.Equal(atWork.Sum(placement => placement.Record.MinutesOn(day)), holding.Where(standing => standing.Kind == StandingKind.AtWork).Sum(standing => standing.Minutes));
                Assert.Equal(atWork.Count, holding.Count(standing => standing.Kind == StandingKind.AtWork));
                Assert.True(holding.Count(standing => standing.Kind != StandingKind.AtWork) <= (atWork.Count == 0 ? 1 : 0));
                var view = history.At(day);
                Assert.Equal(view.State == CaseState.DeterminedPositive && atWork.Count == 0, holding.Exists(standing => standing.Kind == StandingKind.Waiting));
            }
        },
        iter: 200);

    /// <summary>Acts on days that rise: whatever the rules allow on that day, chosen by a number; changes of placements come at the end.</summary>
    private static CaseIn Way((int Choice, int After)[] steps)
    {
        var found = new CaseIn();
        var day = Opened;
        var placements = new List<(Guid Id, DateOnly Start, DateOnly? Last)>();
        foreach (var (choice, after) in steps)
        {
            day = day.AddDays(after);
            var view = found.History.On(day);
            switch (view.State)
            {
                case var state when CaseRules.BeginsRound(state) && choice < 80: found.Ask(day); break;
                case CaseState.Requested: found.Advise(choice < 80 ? Verdict.Positive : Verdict.Negative, day); break;
                case CaseState.AdvisedPositive: found.Determine(choice < 90 ? Determination.Positive : Determination.Negative, day); break;
                case CaseState.DeterminedPositive when choice < 10: found.DropOut(day); break;
                case CaseState.DeterminedPositive when choice < 20: found.Alternative(day); break;
                case CaseState.DeterminedPositive or CaseState.AlternativeOffered or CaseState.OfferDeclined: found.MakeOffer(day); break;
                case CaseState.OfferOpen: found.Answer(choice < 80, choice % 2 == 0, day, view.StandingOffer!.OfferId); break;
                case CaseState.OfferAccepted when choice < 15: found.WithdrawOffer(day, view.StandingOffer!.OfferId); break;
                case CaseState.OfferAccepted or CaseState.Placed:
                    if (view.State == CaseState.Placed && view.Offers[^1].State != OfferState.Realised) break;
                    DateOnly? last = choice % 3 == 0 ? null : day.AddDays(choice);
                    found.Place(day, last, 60 + (10 * choice), view.Offers[^1].OfferId);
                    placements.Add((found.Placement, day, last));
                    break;
            }

            // Some acts were recorded wrongly, and the way goes on without them.
            if (choice % 5 == 4 && found.Facts is [.., var told] && !found.TakingBack(told).IsRefused) found.TakeBack();
        }

        var change = 0;
        foreach (var (id, start, last) in placements)
        {
            var (choice, after) = steps[change++ % steps.Length];
            var until = start.AddDays(last is { } end ? Math.Min(after, end.DayNumber - start.DayNumber) : after);
            if (choice % 2 == 0) found.Amend(start.AddDays(after / 2), 600 + choice, 2, last, id);
            if (choice % 3 == 0) found.End(until, choice % 4 == 0 ? EndReason.Dropout : EndReason.NotRenewed, 3, id, choice % 4 == 0 ? EndCause.Moved : EndCause.Unspecified);
            if (choice % 6 == 0) found.CorrectEnd(choice % 5 == 0 ? null : until, choice % 5 == 0 ? EndReason.Unspecified : EndReason.Regular, 4, id);
        }

        return found;
    }

    private static string Text(CaseView view) => $"{view.State} {view.Verdict} {view.Determination} {view.DeterminedOn} {view.DroppedOutOn} {view.WorksUntil} {view.AfterWork} "
        + string.Join(';', view.Offers.Select(offer => $"{offer.OfferId.Text()} {offer.State} {offer.AnsweredOn} {offer.FreedFrom}").Order());

    private static string Line(Standing standing) => standing.ToString();
}
