using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.Advising;

namespace BeschutWerk.UwvAdvice;

/// <summary>What UWV holds about one request for advice. All dates are days in Europe/Amsterdam.</summary>
internal sealed partial class Dossier : IQueued
{
    public required Guid AdviceRequestId { get; init; }
    public required Guid PersonId { get; init; }

    /// <summary>The person as the request named them, sealed, where that differs from the record; null when it does not.</summary>
    public byte[]? SealedGivenPerson { get; init; }
    public required Requester Requester { get; init; }

    /// <summary>Organisation id of the citizen's token, a pseudonym; null when the municipality asked. It gives nobody a right.</summary>
    public string? AskedBy { get; init; }
    public required AdviceKind Kind { get; init; }
    public required Benefit Benefit { get; init; }
    public PriorContact PriorContact { get; init; }
    public Guid? PreviousAdviceRequestId { get; init; }
    public OldWswAdvice OldWswAdvice { get; init; }
    public bool NewFactsSinceWswIndication { get; init; }
    public bool NewFactsSinceEarlierAdvice { get; init; }
    public DateOnly? EarlierAdviceOn { get; init; }
    public Guid? RequesterReference { get; init; }

    /// <summary>The municipality's case: its own reference, or what its events say of a citizen's own request; null while there is none.</summary>
    public Guid? CaseId { get; init; }
    public bool SharedBeforeAdvice { get; init; }
    public required DateOnly ReceivedOn { get; init; }
    public required DateOnly DueOn { get; init; }

    /// <summary>
    /// When the municipality asked, or else when it was stored; of two facts of one day, what was recorded first came first. 1970
    /// when an earlier version stored it.
    /// </summary>
    public DateTimeOffset RecordedAt { get; init; }
    public Outcome Outcome { get; private set; }
    public AdviceState State { get; private set; }
    public DateOnly? AssessedOn { get; private set; }

    /// <summary>The assessment, sealed with the municipality's data key: its motivations are medical.</summary>
    public byte[]? SealedAssessment { get; set; }
    public DateOnly? IssuedOn { get; private set; }
    public Verdict Verdict { get; private set; }
    public Ground Ground { get; private set; }
    public DateOnly? WithdrawnOn { get; private set; }
    public AdviceEnding Ending { get; private set; }

    /// <summary>Grows by one with every event about this request.</summary>
    public long Version { get; private set; }

    /// <summary>What the rules looked at when the request came in.</summary>
    public RequestFacts Facts => new()
    {
        ReceivedOn = ReceivedOn,
        Requester = Requester,
        Kind = Kind,
        OldWswAdvice = OldWswAdvice,
        NewFactsSinceWswIndication = NewFactsSinceWswIndication,
        NewFactsSinceEarlierAdvice = NewFactsSinceEarlierAdvice,
        EarlierAdviceOn = EarlierAdviceOn,
    };

    /// <summary>The version of the rules that held on the day of receipt.</summary>
    public AdvicePolicy Policy =>
        AdvicePolicy.On(ReceivedOn) ?? throw new InvalidOperationException($"No rules for requests received on {ReceivedOn:yyyy-MM-dd}.");

    /// <summary>Becomes what its events say; whether one may happen is for <see cref="DossierRules"/>.</summary>
    public void Apply(AdviceRequested requested) =>
        (State, Outcome, Version) = (AdviceState.Requested, requested.Outcome, requested.Version);

    public void Apply(AssessmentRecorded assessed) =>
        (State, AssessedOn, Version) = (AdviceState.Assessed, assessed.AssessedOn.ToDateOnly(), assessed.Version);

    public void Apply(AdviceIssued issued) =>
        (State, IssuedOn, Verdict, Ground, Version) = (AdviceState.Issued, issued.IssuedOn.ToDateOnly(), issued.Verdict, issued.Ground, issued.Version);

    public void Apply(PersonCorrected corrected) => Version = corrected.Version;

    public void Apply(AdviceWithdrawn withdrawn) =>
        (State, WithdrawnOn, Ending, Version) = (AdviceState.Withdrawn, withdrawn.WithdrawnOn.ToDateOnly(), withdrawn.Ending, withdrawn.Version);
}

/// <summary>What the work queue goes by.</summary>
internal interface IQueued
{
    Guid AdviceRequestId { get; }
    Requester Requester { get; }
    AdviceState State { get; }
    DateOnly DueOn { get; }
}
