using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>What the end of the last placement makes of a case.</summary>
public enum AfterWork
{
    /// <summary>Left sheltered work; a return starts with a new advice.</summary>
    Exited,

    /// <summary>The determination stands: a place is owed again.</summary>
    OwedAgain,

    /// <summary>Dropped out.</summary>
    DroppedOut,
}

public static partial class CaseRules
{
    // Facts of others are never refused: they are taken as they are, and what contradicts the case is named.

    /// <summary>A placement rests on a positive determination (10b lid 1) and on an accepted offer.</summary>
    public static DiscrepancyKind? OnPlacement(Determination determination, OfferState? offer)
    {
        if (determination != Determination.Positive) return DiscrepancyKind.PlacedWithoutDetermination;
        return offer is OfferState.Accepted or OfferState.Realised ? null : DiscrepancyKind.PlacedWithoutOffer;
    }

    /// <summary>What the end of the last placement means for the candidate.</summary>
    /// <param name="reason">The reason that was reported; null when nobody ended it and its last day has passed.</param>
    public static AfterWork OnEnd(EndReason? reason) => reason switch
    {
        EndReason.Dropout => AfterWork.DroppedOut,
        // None is a step out of sheltered work: who is not renewed, or goes to another sheltered employer, is determined as before.
        null or EndReason.NotRenewed or EndReason.OtherShelteredEmployer => AfterWork.OwedAgain,
        _ => AfterWork.Exited,
    };

    /// <summary>A dropout after placement, as the company reported it.</summary>
    public static CandidateDroppedOut DroppedOutAtWork(Guid caseId, PlacementEnd ended) => new()
    {
        CaseId = caseId.Text(),
        Reason = ended.Cause switch
        {
            EndCause.Illness => DropoutReason.Illness,
            EndCause.Moved => DropoutReason.Moved,
            EndCause.Declined => DropoutReason.Declined,
            EndCause.Deteriorated => DropoutReason.Deteriorated,
            _ => DropoutReason.Other,
        },
        Phase = DropoutPhase.AfterPlacement,
        DroppedOutOn = ended.LastDay.ToDate(),
    };
}
