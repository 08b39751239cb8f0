using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>A place that was offered to one candidate.</summary>
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
    public byte[]? WithdrawalReason { get; private set; }

    /// <summary>Whether it holds a place that nobody works on yet.</summary>
    public bool Stands => State is OfferState.Open or OfferState.Accepted;

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

    public void Apply(OfferAnswered answered)
    {
        AnsweredOn = answered.AnsweredOn.ToDateOnly();
        State = answered.Accepted ? OfferState.Accepted : OfferState.Refused;
    }

    public void Retract(byte[] sealedReason) => (State, WithdrawalReason) = (OfferState.Retracted, sealedReason);

    public void Realise() => State = OfferState.Realised;

    public void Lapse() => State = OfferState.Lapsed;

    /// <summary>The reported placement never was.</summary>
    public void StandAgain() => State = OfferState.Accepted;
}
