using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Uwv;

public sealed class AdvisingTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    [Fact]
    public async Task An_assessment_says_which_advice_follows_and_a_later_one_replaces_it()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var first = UwvPlatform.Assess(id);
        first.Assessment.WorkCapacity.CanWorkOneHour.Answer = false;

        var answer = await platform.AsUwv.RecordAssessmentAsync(first);
        Assert.Equal((AdviceState.Assessed, Verdict.Negative, Ground.NoWorkCapacity, 2L), (answer.State, answer.DerivedVerdict, answer.DerivedGround, answer.Version));

        answer = await platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(id));
        Assert.Equal((Verdict.Positive, Ground.Guidance, 3L), (answer.DerivedVerdict, answer.DerivedGround, answer.Version));

        var issued = await platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id));
        Assert.Equal((AdviceState.Issued, 4L), (issued.State, issued.Version));
    }

    [Fact]
    public async Task Wage_value_in_an_assessment_is_refused_with_every_field_that_speaks_of_it()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var request = UwvPlatform.Assess(id);
        request.Assessment.WorkCapacity.CanPerformTask.Motivation = "Loonwaarde van 30%.";
        request.Assessment.Guidance.Motivation = "Low productivity.";

        var refused = await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(request));

        Assert.Equal((ErrorReason.WageValueNotACriterion, StatusCode.InvalidArgument), (refused.Reason, refused.Code));
        Assert.Equal(["assessment.work_capacity.can_perform_task.motivation", "assessment.guidance.motivation"], refused.Fields);
        Assert.Equal(AdviceState.Requested, (await platform.AsUwv.GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest.State);
    }

    [Fact]
    public async Task A_forgotten_answer_is_not_a_no()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var request = UwvPlatform.Assess(id);
        request.Assessment.Adaptation = new Finding { Motivation = "Niet ingevuld." };
        request.Assessment.WorkCapacity.HasBasicSkills.ClearAnswer();

        var refused = await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(request));

        Assert.Equal(ErrorReason.InvalidFields, refused.Reason);
        Assert.Equal(["assessment.work_capacity.has_basic_skills.answer", "assessment.adaptation.answer"], refused.Fields);
    }

    [Fact]
    public async Task An_advice_that_contradicts_its_assessment_is_refused()
    {
        var id = await platform.AssessedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        (Verdict, Ground)[] contradictions =
        [
            (Verdict.Negative, Ground.RegularEmployerPossible), (Verdict.Positive, Ground.Both), (Verdict.Negative, Ground.Guidance), (Verdict.Positive, Ground.WswNotAble),
        ];
        foreach (var (verdict, ground) in contradictions)
        {
            var request = UwvPlatform.Issue(id);
            (request.Verdict, request.Ground) = (verdict, ground);
            Assert.Equal(ErrorReason.AdviceContradictsAssessment, (await UwvPlatform.RefusedAsync(platform.AsUwv.IssueAdviceAsync(request))).Reason);
        }
        await platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id));
    }

    [Fact]
    public async Task An_advice_needs_an_assessment()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        Assert.Equal(ErrorReason.AssessmentMissing, (await UwvPlatform.RefusedAsync(platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id)))).Reason);
    }

    [Fact]
    public async Task No_act_comes_before_the_one_it_rests_on()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var early = UwvPlatform.Assess(id);
        early.AssessedOn = UwvPlatform.Received.AddDays(-1).ToDate();
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(early))).Reason);

        var withdraw = UwvPlatform.Withdraw(id);
        withdraw.WithdrawnOn = UwvPlatform.Received.AddDays(-1).ToDate();
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().WithdrawAdviceRequestAsync(withdraw))).Reason);

        await platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(id));
        var issue = UwvPlatform.Issue(id);
        issue.IssuedOn = UwvPlatform.Assessed.AddDays(-1).ToDate();
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await UwvPlatform.RefusedAsync(platform.AsUwv.IssueAdviceAsync(issue))).Reason);
    }

    [Fact]
    public async Task Nothing_happens_after_the_advice()
    {
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));

        Assert.Equal(ErrorReason.StateForbids, (await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(id)))).Reason);
        Assert.Equal(ErrorReason.StateForbids, (await UwvPlatform.RefusedAsync(platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id)))).Reason);
        Assert.Equal(ErrorReason.StateForbids, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(id)))).Reason);
    }

    [Fact]
    public async Task Who_asked_withdraws_and_nobody_else()
    {
        var citizen = platform.NewCitizen();
        var own = await platform.RequestedAsync(UwvPlatform.FromCitizen(UwvPlatform.NewPerson()), citizen);
        var asked = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));

        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(own)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsCitizen(platform.NewCitizen()).WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(own)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsCitizen(citizen).WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(asked)))).Reason);

        Assert.Equal(AdviceState.Withdrawn, (await platform.AsCitizen(citizen).WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(own))).State);
        Assert.Equal(AdviceState.Withdrawn, (await platform.AsMunicipality().WithdrawAdviceRequestAsync(UwvPlatform.Withdraw(asked))).State);
        Assert.Equal(ErrorReason.StateForbids, (await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(own)))).Reason);
    }

    [Fact]
    public async Task Every_write_is_answered_once_and_again()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var (assess, issue) = (UwvPlatform.Assess(id), UwvPlatform.Issue(id));

        var assessed = await platform.AsUwv.RecordAssessmentAsync(assess);
        var issued = await platform.AsUwv.IssueAdviceAsync(issue);

        Assert.Equal(assessed, await platform.AsUwv.RecordAssessmentAsync(assess));
        Assert.Equal(issued, await platform.AsUwv.IssueAdviceAsync(issue));
        issue.Ground = Ground.Both;
        Assert.Equal(ErrorReason.RequestIdReused, (await UwvPlatform.RefusedAsync(platform.AsUwv.IssueAdviceAsync(issue))).Reason);
    }
}
