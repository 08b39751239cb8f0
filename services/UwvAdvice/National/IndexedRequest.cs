using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>A request in the national index: whose (as a hash), where, and how it stands.</summary>
internal sealed class IndexedRequest : IQueued
{
    public required Guid AdviceRequestId { get; init; }

    /// <summary>Hash of the BSN with UWV's own key, the same for every municipality.</summary>
    public required byte[] PersonHash { get; init; }

    /// <summary>GM code.</summary>
    public required string Municipality { get; init; }

    /// <summary>The claim of a call that has not stored its request yet, as far as known here.</summary>
    public Guid? ClaimId { get; set; }
    public required Requester Requester { get; init; }
    public required AdviceKind Kind { get; init; }
    public required Benefit Benefit { get; init; }
    public PriorContact PriorContact { get; init; }
    public Guid? RequesterReference { get; init; }
    public bool SharedBeforeAdvice { get; init; }
    public required DateOnly ReceivedOn { get; init; }
    public required DateOnly DueOn { get; init; }
    public Outcome Outcome { get; set; }

    /// <summary>Unspecified while only claimed.</summary>
    public AdviceState State { get; set; }
    public Verdict Verdict { get; set; }
    public Ground Ground { get; set; }
    public DateOnly? IssuedOn { get; set; }
    public long Version { get; set; }

    /// <summary>Whether it was told whose request it is.</summary>
    public bool Recognised { get; set; }

    /// <summary>The index row of a request, without how it stands.</summary>
    public static IndexedRequest Of(Dossier dossier, string municipality, byte[] personHash, Guid? claimId) => new()
    {
        AdviceRequestId = dossier.AdviceRequestId,
        PersonHash = personHash,
        Municipality = municipality,
        ClaimId = claimId,
        Requester = dossier.Requester,
        Kind = dossier.Kind,
        Benefit = dossier.Benefit,
        PriorContact = dossier.PriorContact,
        RequesterReference = dossier.RequesterReference,
        SharedBeforeAdvice = dossier.SharedBeforeAdvice,
        ReceivedOn = dossier.ReceivedOn,
        DueOn = dossier.DueOn,
    };

    /// <summary>As it stands in the work queue.</summary>
    public AdviceRequest ToMessage() => new()
    {
        AdviceRequestId = AdviceRequestId.ToString("D"),
        Municipality = Municipality,
        Requester = Requester,
        Kind = Kind,
        Benefit = Benefit,
        PriorContact = PriorContact,
        ReceivedOn = ReceivedOn.ToDate(),
        DueOn = DueOn.ToDate(),
        State = State,
        Outcome = Outcome,
        Advice = IssuedOn is { } issuedOn ? new Advice { Verdict = Verdict, Ground = Ground, IssuedOn = issuedOn.ToDate() } : null,
        RequesterReference = RequesterReference?.ToString("D") ?? "",
        Version = Version,
    };
}
