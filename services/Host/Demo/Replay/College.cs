using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Host.Demo.History;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>The college of one municipality decides, offers and records; a citizen who asked UWV also answers.</summary>
internal sealed class College(string municipality, Parties parties, TownFeed feed)
{
    private readonly CaseService.CaseServiceClient _college = new(parties.Municipality(municipality));

    public Task PlayAsync(Step step, CancellationToken cancel) => step.Act switch
    {
        Act.Determine => DetermineAsync(step.Who, step.Who.History.Determination!, cancel),
        Act.Offer => OfferAsync(step.Who, step.Who.History.Offer!, cancel),
        Act.Answer => AnswerAsync(step.Who, step.Who.History.Offer!, cancel),
        Act.OfferAlternative => OfferAlternativeAsync(step.Who, step.Who.History.Alternative!, cancel),
        _ => DropOutAsync(step.Who, step.Who.History.Dropout!, cancel),
    };

    private async Task DetermineAsync(Candidate who, DeterminationStep decision, CancellationToken cancel)
    {
        // UWV's advice is a fact of another service: it is there when the municipality's own feed says so.
        var adviceRequestId = await who.AdviceRequestId.WaitAsync(cancel);
        await feed.AdviceIssuedAsync(adviceRequestId, cancel);
        if (who.IsCitizen) who.CaseId = await feed.CaseOfAsync(adviceRequestId, cancel);

        await _college.DetermineCaseAsync(new()
        {
            Municipality = municipality,
            RequestId = who.RequestId("determine"),
            CaseId = who.CaseId,
            Determination = decision.Determination,
            DeterminedOn = decision.DeterminedOn.ToDate(),
            NotifiedOn = decision.NotifiedOn.ToDate(),
        }, cancellationToken: cancel);
    }

    private async Task OfferAsync(Candidate who, OfferStep offer, CancellationToken cancel)
    {
        var answer = await _college.OfferPlaceAsync(new()
        {
            Municipality = municipality,
            RequestId = who.RequestId("offer"),
            CaseId = who.CaseId,
            CompanyId = offer.CompanyId,
            PlannedStart = offer.PlannedStart.ToDate(),
            MinutesPerWeek = offer.MinutesPerWeek,
            OfferedOn = offer.OfferedOn.ToDate(),
            BudgetDecision = offer.BudgetDecision ?? "",
        }, cancellationToken: cancel);
        if (answer.AboveNumber != offer.BudgetDecision is not null)
        {
            throw new InvalidOperationException($"The ledger of {municipality} and the history disagree on offer {offer.Order} of {offer.OfferedOn:O}.");
        }

        who.OfferId = answer.OfferId;
    }

    private async Task AnswerAsync(Candidate who, OfferStep offer, CancellationToken cancel)
    {
        var client = who.IsCitizen ? new CaseService.CaseServiceClient(who.Self) : _college;
        await client.RespondToOfferAsync(new()
        {
            Municipality = municipality,
            RequestId = who.RequestId("answer"),
            CaseId = who.CaseId,
            OfferId = who.OfferId,
            Accepted = offer.Accepted,
            AnsweredOn = offer.AnsweredOn!.Value.ToDate(),
            Fitting = !offer.Accepted,
        }, cancellationToken: cancel);
    }

    private async Task OfferAlternativeAsync(Candidate who, AlternativeStep alternative, CancellationToken cancel) =>
        await _college.OfferAlternativeAsync(new()
        {
            Municipality = municipality,
            RequestId = who.RequestId("alternative"),
            CaseId = who.CaseId,
            Kind = alternative.Kind,
            OfferedOn = alternative.OfferedOn.ToDate(),
        }, cancellationToken: cancel);

    private async Task DropOutAsync(Candidate who, DropoutStep dropout, CancellationToken cancel) => await _college.RecordDropoutAsync(new()
    {
        Municipality = municipality,
        RequestId = who.RequestId("dropout"),
        CaseId = who.CaseId,
        Reason = dropout.Reason,
        MovedTo = dropout.MovedTo ?? "",
        DroppedOutOn = dropout.DroppedOutOn.ToDate(),
    }, cancellationToken: cancel);
}
