using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Host.Demo.History;

/// <summary>
/// Everything that happens to one made-up person, with the legal date of each step; a step that is null did not happen
/// up to the last day of the history.
/// </summary>
/// <param name="Number">1, 2, 3 … by day of receipt; the same for the same seed, so ids can be derived from it.</param>
/// <param name="Bsn">Made up; nine digits that pass the eleven-test.</param>
/// <param name="Name">Made-up given and family name.</param>
/// <param name="BirthDate">Made up; at least eighteen years before receipt.</param>
/// <param name="Municipality">GM code in the division of 15 June 2018.</param>
/// <param name="Requester">Who asks UWV.</param>
/// <param name="PriorContact">For a citizen: whether they spoke with their municipality first; else UNSPECIFIED.</param>
/// <param name="Source">Where the municipality found the candidate; SELF for a citizen.</param>
/// <param name="Benefit">Never one of UWV before 2017: the circle of 10b did not have them then.</param>
/// <param name="ReceivedOn">Day on which UWV receives the request; a municipality's case opens on it.</param>
/// <param name="Advice">Null: undecided.</param>
/// <param name="Determination">Null: not yet decided by the college.</param>
/// <param name="Offer">The one place offered, if any.</param>
/// <param name="Placement">The work that the accepted offer became.</param>
/// <param name="Alternative">Something else, where the number is reached.</param>
/// <param name="Dropout">Dropping out before placement.</param>
public sealed record PersonHistory(
    int Number, string Bsn, string Name, DateOnly BirthDate, string Municipality,
    Requester Requester, PriorContact PriorContact, CandidateSource Source, Benefit Benefit, DateOnly ReceivedOn,
    AdviceStep? Advice, DeterminationStep? Determination, OfferStep? Offer,
    PlacementStep? Placement, AlternativeStep? Alternative, DropoutStep? Dropout);

/// <summary>UWV assesses and advises.</summary>
public sealed record AdviceStep(DateOnly AssessedOn, DateOnly IssuedOn, Verdict Verdict, Ground Ground, IReadOnlyList<SupportNeed> SupportNeeds);

/// <summary>The college decides as UWV advised.</summary>
public sealed record DeterminationStep(Determination Determination, DateOnly DeterminedOn, DateOnly NotifiedOn);

/// <summary>The municipality offers a place.</summary>
/// <param name="Order">
/// 1, 2, 3 … within the municipality: the order in which its offers are made. On one day places freed since the day before
/// come first, then the offers in this order, then answers and dropouts.
/// </param>
/// <param name="CompanyId">A sw-company that serves the municipality.</param>
/// <param name="OfferedOn">The place is reserved from this day.</param>
/// <param name="PlannedStart">First day of work; its year says which number counts.</param>
/// <param name="MinutesPerWeek">16 to 36 hours.</param>
/// <param name="AnsweredOn">Null when the person dropped out before answering.</param>
/// <param name="Accepted">Whether the answer was yes.</param>
/// <param name="BudgetDecision">
/// Set exactly when the offer is above the number: at work and reserved, in places of 31 hours, are not below the number
/// of the planned start's year.
/// </param>
public sealed record OfferStep(
    int Order, string CompanyId, DateOnly OfferedOn, DateOnly PlannedStart, int MinutesPerWeek,
    DateOnly? AnsweredOn, bool Accepted, string? BudgetDecision);

/// <summary>The person works; the offer's company and minutes.</summary>
/// <param name="StartOn">First day, the offer's planned start.</param>
/// <param name="LastDay">Last day, worked; the place is free from the day after. Null: still at work.</param>
/// <param name="EndReason">UNSPECIFIED while at work.</param>
/// <param name="EndCause">Only with DROPOUT.</param>
public sealed record PlacementStep(DateOnly StartOn, DateOnly? LastDay, EndReason EndReason, EndCause EndCause);

/// <summary>
/// The municipality offers something else: once all its offers of earlier days are made, the number is reached, whatever the
/// order of that day itself.
/// </summary>
public sealed record AlternativeStep(DateOnly OfferedOn, AlternativeKind Kind);

/// <summary>The person drops out before placement; an offer that stands lapses.</summary>
/// <param name="DroppedOutOn">After the determination; the place counts on this day, not after it.</param>
/// <param name="Reason">A category, never a diagnosis.</param>
/// <param name="MovedTo">GM code, with MOVED.</param>
public sealed record DropoutStep(DateOnly DroppedOutOn, DropoutReason Reason, string? MovedTo);
