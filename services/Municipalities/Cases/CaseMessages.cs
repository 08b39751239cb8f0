using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Cases and offers as they stand in the contract.</summary>
static class CaseMessages
{
    /// <param name="supportCase">The case.</param>
    /// <param name="offer">Its latest offer, if any.</param>
    public static Case ToMessage(this SupportCase supportCase, PlaceOffer? offer) => new()
    {
        CaseId = supportCase.CaseId.Text(),
        State = supportCase.State,
        Source = supportCase.Source,
        Benefit = supportCase.Benefit,
        SupportNeeds = { supportCase.Needs },
        KnownToMunicipality = supportCase.KnownToMunicipality,
        OpenedOn = supportCase.OpenedOn.ToDate(),
        AdviceRequestId = supportCase.AdviceRequestId?.Text() ?? "",
        Verdict = supportCase.Verdict,
        AdvisedOn = supportCase.AdvisedOn.ToDate(),
        Determination = supportCase.Determination,
        DeterminedOn = supportCase.DeterminedOn.ToDate(),
        NotifiedOn = supportCase.NotifiedOn.ToDate(),
        DutyOpen = supportCase.DutyOpen,
        Offer = offer?.ToMessage(),
        DroppedOutOn = supportCase.DroppedOutOn.ToDate(),
        Discrepancies = { supportCase.Contradictions.Select(found => found.Kind).Distinct() },
        DiscrepancyDetails = { supportCase.Contradictions.Select(ToMessage) },
        Version = supportCase.Version,
    };

    private static Discrepancy ToMessage(Contradiction found) =>
        new() { Kind = found.Kind, Fact = found.Fact, Remedy = Remedies.Dutch(found.Kind) };

    private static Offer ToMessage(this PlaceOffer offer) => new()
    {
        OfferId = offer.OfferId.Text(),
        CompanyId = offer.CompanyId,
        Employer = offer.Employer,
        PlannedStart = offer.PlannedStart.ToDate(),
        MinutesPerWeek = offer.MinutesPerWeek,
        OfferedOn = offer.OfferedOn.ToDate(),
        AnsweredOn = offer.AnsweredOn.ToDate(),
        State = offer.State,
        AboveNumber = offer.AboveNumber,
        BudgetDecision = offer.BudgetDecision,
    };
}
