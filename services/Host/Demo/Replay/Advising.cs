using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Host.Demo.Replay;

using CaseService = Contracts.Municipalities.CaseService;

/// <summary>Citizens and one municipality ask; UWV assesses and advises.</summary>
internal sealed class Advising(string municipality, Parties parties)
{
    private readonly CaseService.CaseServiceClient _college = new(parties.Municipality(municipality));
    private readonly AdviceService.AdviceServiceClient _uwv = new(parties.Uwv);

    public Task PlayAsync(Step step, CancellationToken cancel) => step.Act switch
    {
        Act.Ask when step.Who.IsCitizen => AskAsCitizenAsync(step.Who, cancel),
        Act.Ask => AskAsMunicipalityAsync(step.Who, cancel),
        Act.Assess => AssessAsync(step.Who, step.Who.History.Advice!, cancel),
        _ => AdviseAsync(step.Who, step.Who.History.Advice!, cancel),
    };

    private static async Task AskAsCitizenAsync(Candidate who, CancellationToken cancel)
    {
        var told = who.History;
        var answer = await new AdviceService.AdviceServiceClient(who.Self).RequestAdviceAsync(new()
        {
            Municipality = told.Municipality,
            RequestId = who.RequestId("ask"),
            Requester = Requester.Citizen,
            Person = who.Person,
            Benefit = told.Benefit,
            Kind = AdviceKind.First,
            PriorContact = told.PriorContact,
            ReceivedOn = told.ReceivedOn.ToDate(),
        }, cancellationToken: cancel);
        who.Asked(answer.AdviceRequestId);
    }

    private async Task AskAsMunicipalityAsync(Candidate who, CancellationToken cancel)
    {
        var told = who.History;
        var opened = await _college.OpenCaseAsync(new OpenCaseRequest
        {
            Municipality = municipality,
            RequestId = who.RequestId("open"),
            Person = who.Person,
            Source = told.Source,
            Benefit = told.Benefit,
            KnownToMunicipality = told.Source == CandidateSource.Bijstand,
            OpenedOn = told.ReceivedOn.ToDate(),
        }, cancellationToken: cancel);
        who.CaseId = opened.CaseId;

        var answer = await _college.RequestAdviceAsync(new()
        {
            Municipality = municipality,
            RequestId = who.RequestId("ask"),
            CaseId = who.CaseId,
            ReceivedOn = told.ReceivedOn.ToDate(),
            Kind = AdviceKind.First,
        }, cancellationToken: cancel);
        who.Asked(answer.AdviceRequestId);
    }

    private async Task AssessAsync(Candidate who, AdviceStep advice, CancellationToken cancel) => await _uwv.RecordAssessmentAsync(new()
    {
        Municipality = municipality,
        RequestId = who.RequestId("assess"),
        AdviceRequestId = await who.AdviceRequestId,
        Assessment = Found(advice),
        AssessedOn = advice.AssessedOn.ToDate(),
    }, cancellationToken: cancel);

    private async Task AdviseAsync(Candidate who, AdviceStep advice, CancellationToken cancel) => await _uwv.IssueAdviceAsync(new()
    {
        Municipality = municipality,
        RequestId = who.RequestId("advise"),
        AdviceRequestId = await who.AdviceRequestId,
        Verdict = advice.Verdict,
        Ground = advice.Ground,
        IssuedOn = advice.IssuedOn.ToDate(),
    }, cancellationToken: cancel);

    /// <summary>The findings that lead to the ground of the advice, and to no other.</summary>
    private static Assessment Found(AdviceStep advice)
    {
        var assessment = new Assessment
        {
            WorkCapacity = new WorkCapacity
            {
                CanPerformTask = Finding(true, "Did a simple task in a work setting."),
                HasBasicSkills = Finding(true, "Keeps appointments and follows instructions."),
                CanWorkOneHour = Finding(true, "Kept on for an hour."),
                LoadableFourHours = Finding(advice.Ground != Ground.NoWorkCapacity, "Observed over several half days."),
            },
            Adaptation = Finding(advice.Ground is Ground.Adaptation or Ground.Both, "Compared with what a regular employer can change."),
            Guidance = Finding(advice.Ground is Ground.Guidance or Ground.Both, "Compared with the guidance that a regular employer can give."),
        };
        assessment.SupportNeeds.Add(advice.SupportNeeds);
        return assessment;
    }

    private static Finding Finding(bool answer, string motivation) => new() { Answer = answer, Motivation = motivation };
}
