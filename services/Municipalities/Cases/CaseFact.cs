using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>A fact of a case: the event that tells it.</summary>
/// <param name="Data">The event.</param>
/// <param name="Position">In the log of this municipality; of two facts of one day the one that was recorded first comes first.</param>
/// <param name="EventId">By which the municipality takes it back; of a fact of this very write not known yet.</param>
public readonly record struct CaseFact(IMessage Data, long Position, Guid EventId = default)
{
    /// <summary>Position of a fact that is only considered: behind all that are recorded.</summary>
    public const long Considered = long.MaxValue;

    /// <summary>The day of its effect; null for what follows from facts, and for placements, which have days of their own.</summary>
    public DateOnly? Day => Data switch
    {
        AdviceRequested requested => requested.ReceivedOn.ToDateOnly(),
        AdviceIssued issued => issued.IssuedOn.ToDateOnly(),
        AdviceWithdrawn withdrawn => withdrawn.WithdrawnOn.ToDateOnly(),
        CaseDetermined determined => determined.DeterminedOn.ToDateOnly(),
        PlaceOffered offered => offered.OfferedOn.ToDateOnly(),
        OfferAnswered answered => answered.AnsweredOn.ToDateOnly(),
        OfferWithdrawn withdrawn => withdrawn.WithdrawnOn.ToDateOnly(),
        AlternativeOffered offered => offered.OfferedOn.ToDateOnly(),
        CandidateDroppedOut { Phase: DropoutPhase.BeforePlacement } dropped => dropped.DroppedOutOn.ToDateOnly(),
        _ => null,
    };
}

/// <summary>A fact that the others contradict; somebody must look.</summary>
/// <param name="Kind">What contradicts.</param>
/// <param name="Fact">Id of the request, offer, placement or case that it is about; of an act of the municipality its event and day.</param>
public readonly record struct Contradiction(DiscrepancyKind Kind, string Fact);
