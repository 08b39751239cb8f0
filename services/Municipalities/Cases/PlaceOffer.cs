using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>The row of a place that was offered to one candidate. Where the offer stands follows from the facts of its case.</summary>
public sealed class PlaceOffer
{
    public required Guid OfferId { get; init; }

    public required Guid CaseId { get; init; }

    public required string CompanyId { get; init; }

    public required string Employer { get; init; }

    public required DateOnly PlannedStart { get; init; }

    public required int MinutesPerWeek { get; init; }

    public required DateOnly OfferedOn { get; init; }

    public DateOnly? AnsweredOn { get; private set; }

    public OfferState State { get; private set; } = OfferState.Open;

    public required bool AboveNumber { get; init; }

    public required string BudgetDecision { get; init; }

    /// <summary>Why it was withdrawn; sealed, because free text may name a person.</summary>
    public byte[]? WithdrawalReason { get; set; }

    public static PlaceOffer From(PlaceOffered offered, string budgetDecision) => new()
    {
        OfferId = Ids.Parse(offered.OfferId),
        CaseId = Ids.Parse(offered.CaseId),
        CompanyId = offered.CompanyId,
        Employer = offered.Employer,
        PlannedStart = offered.PlannedStart.ToDateOnly(),
        MinutesPerWeek = offered.MinutesPerWeek,
        OfferedOn = offered.OfferedOn.ToDateOnly(),
        AboveNumber = offered.AboveNumber,
        BudgetDecision = budgetDecision,
    };

    /// <summary>Repeats what the history says of it.</summary>
    public void Become(OfferView view) => (State, AnsweredOn) = (view.State, view.AnsweredOn);
}
