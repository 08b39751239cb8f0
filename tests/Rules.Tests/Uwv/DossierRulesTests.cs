using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice;
using BeschutWerk.UwvAdvice.Advising;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Uwv;

public sealed class DossierRulesTests
{
    private static readonly DateOnly Received = new(2018, 1, 8);
    private static readonly DateTimeOffset Recorded = new(2018, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly Assessment Positive = Assessments.With(0b101111);

    [Fact]
    public void A_citizens_own_request_is_answered_to_him_in_the_same_act()
    {
        Assert.True(Issued(Requester.Citizen).CitizenInformed);
        Assert.False(Issued(Requester.Municipality).CitizenInformed);

        static AdviceIssued Issued(Requester requester)
        {
            var dossier = Requested(requester);
            dossier.Apply(DossierRules.Assess(dossier, Received).OrThrow());
            return DossierRules.Issue(dossier, Positive, Verdict.Positive, Ground.Guidance, Received).OrThrow();
        }
    }

    [Fact]
    public void Only_the_derived_verdict_and_ground_can_be_issued()
    {
        var dossier = Requested(Requester.Municipality);
        dossier.Apply(DossierRules.Assess(dossier, Received).OrThrow());
        for (var answers = 0; answers < 64; answers++)
        {
            var assessment = Assessments.With(answers);
            var allowed = Enum.GetValues<Verdict>()
                .SelectMany(verdict => Enum.GetValues<Ground>().Select(ground => (Verdict: verdict, Ground: ground)))
                .Where(advice => !DossierRules.Issue(dossier, assessment, advice.Verdict, advice.Ground, Received).IsRefused)
                .ToList();

            var derived = dossier.Policy.Derive(assessment);
            Assert.Equal((AdvicePolicy.VerdictOf(derived), derived), Assert.Single(allowed));
        }
    }

    [Fact]
    public void Each_refusal_has_its_reason()
    {
        var dossier = Requested(Requester.Municipality);
        Assert.Equal(ErrorReason.AssessmentMissing, DossierRules.Issue(dossier, null, Verdict.Positive, Ground.Guidance, Received).Refusal!.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, DossierRules.Assess(dossier, Received.AddDays(-1)).Refusal!.Reason);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, DossierRules.Withdraw(dossier, Received.AddDays(-1)).Refusal!.Reason);

        dossier.Apply(DossierRules.Assess(dossier, Received.AddDays(9)).OrThrow());
        Assert.Equal(ErrorReason.DateBeforeItsBasis, DossierRules.Issue(dossier, Positive, Verdict.Positive, Ground.Guidance, Received.AddDays(8)).Refusal!.Reason);
        Assert.Equal(ErrorReason.AdviceContradictsAssessment, DossierRules.Issue(dossier, Positive, Verdict.Positive, Ground.Both, Received.AddDays(9)).Refusal!.Reason);
    }

    [Theory]
    [InlineData(Requester.Municipality, DropoutReason.Illness, 0, AdviceEnding.DroppedOut, 0)]
    [InlineData(Requester.Municipality, DropoutReason.Declined, 5, AdviceEnding.DroppedOut, 5)]
    [InlineData(Requester.Municipality, DropoutReason.Moved, 5, AdviceEnding.Moved, 5)]
    [InlineData(Requester.Municipality, DropoutReason.Moved, -5, AdviceEnding.Moved, 0)]
    [InlineData(Requester.Municipality, DropoutReason.Deceased, -5, AdviceEnding.Deceased, 0)]
    [InlineData(Requester.Citizen, DropoutReason.Deceased, 5, AdviceEnding.Deceased, 5)]
    public void A_dropout_ends_a_running_request(Requester requester, DropoutReason reason, int days, AdviceEnding ending, int endedAfter)
    {
        var dossier = Requested(requester);
        var ended = DossierRules.OnDropout(dossier, Dropout(reason, days), Recorded)!;
        Assert.Equal((ending, Received.AddDays(endedAfter)), (ended.Ending, ended.WithdrawnOn.ToDateOnly()));

        dossier.Apply(ended);
        Assert.Equal((AdviceState.Withdrawn, ending), (dossier.State, dossier.Ending));
        Assert.Null(DossierRules.OnDropout(dossier, Dropout(reason, days), Recorded));
    }

    [Theory]
    [InlineData(Requester.Citizen, DropoutReason.Moved, 5, 0)]
    [InlineData(Requester.Citizen, DropoutReason.Illness, 5, 0)]
    [InlineData(Requester.Municipality, DropoutReason.Illness, -1, 0)]
    [InlineData(Requester.Municipality, DropoutReason.Moved, 0, 1)]
    [InlineData(Requester.Municipality, DropoutReason.Deceased, 0, 1)]
    public void A_dropout_leaves_what_is_the_citizens_or_was_asked_for_after_it(Requester requester, DropoutReason reason, int days, int recordedAfter)
    {
        var dossier = Requested(requester, Recorded.AddSeconds(recordedAfter));
        Assert.Null(DossierRules.OnDropout(dossier, Dropout(reason, days), Recorded));
    }

    [Fact]
    public void A_request_of_an_earlier_day_ends_also_when_it_was_recorded_later()
    {
        var dossier = Requested(Requester.Municipality, Recorded.AddSeconds(1));
        Assert.Equal(AdviceEnding.Moved, DossierRules.OnDropout(dossier, Dropout(DropoutReason.Moved, 1), Recorded)!.Ending);
    }

    [Fact]
    public void Who_moved_and_came_back_keeps_a_request_of_an_earlier_version()
    {
        var dossier = Requested(Requester.Municipality, DateTimeOffset.UnixEpoch);
        Assert.Null(DossierRules.OnDropout(dossier, Dropout(DropoutReason.Moved, -5), Recorded));
        Assert.Equal(AdviceEnding.Moved, DossierRules.OnDropout(dossier, Dropout(DropoutReason.Moved, 5), Recorded)!.Ending);
    }

    private static CandidateDroppedOut Dropout(DropoutReason reason, int days) =>
        new() { Reason = reason, Phase = DropoutPhase.BeforePlacement, DroppedOutOn = Received.AddDays(days).ToDate() };

    /// <summary>Any order of acts: the version counts the events, and nothing follows an advice or a withdrawal.</summary>
    [Fact]
    public void Whatever_is_tried_the_dossier_stays_one_that_the_law_knows() => Gen.Select(Gen.Int[0, 2], Gen.Int[-2, 60]).List[0, 12].Sample(acts =>
    {
        var dossier = Requested(Requester.Citizen);
        foreach (var (act, day) in acts)
        {
            var before = (dossier.State, dossier.Version);
            var on = Received.AddDays(day);
            var refused = act switch
            {
                0 => Try(DossierRules.Assess(dossier, on), dossier.Apply),
                1 => Try(DossierRules.Issue(dossier, dossier.AssessedOn is null ? null : Positive, Verdict.Positive, Ground.Guidance, on), dossier.Apply),
                _ => Try(DossierRules.Withdraw(dossier, on), dossier.Apply),
            };

            Assert.Equal(refused ? before.Version : before.Version + 1, dossier.Version);
            Assert.True(before.State is AdviceState.Requested or AdviceState.Assessed || refused);
            Assert.True(dossier.IssuedOn is null || (dossier.ReceivedOn <= dossier.AssessedOn && dossier.AssessedOn <= dossier.IssuedOn));
            Assert.True(dossier.IssuedOn is null || dossier.WithdrawnOn is null);
        }
    });

    private static bool Try<T>(Ruling<T> ruling, Action<T> apply)
    {
        if (!ruling.IsRefused)
        {
            apply(ruling.Value);
        }
        return ruling.IsRefused;
    }

    private static Dossier Requested(Requester requester, DateTimeOffset? recordedAt = null)
    {
        var dossier = new Dossier
        {
            AdviceRequestId = Guid.Parse("0190a000-0000-7000-8000-000000000001"),
            PersonId = Guid.Parse("0190a000-0000-7000-8000-000000000002"),
            Requester = requester,
            Kind = AdviceKind.First,
            Benefit = Benefit.None,
            ReceivedOn = Received,
            DueOn = AdvicePolicy.On(Received)!.DueOn(Received),
            RecordedAt = recordedAt ?? Recorded,
        };
        dossier.Apply(DossierRules.Receive(dossier, new Prejudgement(Outcome.Investigate)));
        return dossier;
    }
}
