using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.Reference;

namespace BeschutWerk.Host.Demo.History;

/// <summary>Turns a draft into what is told of a person, with the details that no figure depends on.</summary>
internal sealed class Teller(ReferenceData reference, Dictionary<Draft, LedgerEntry> ledger, DateOnly lastDay, SplitMix random)
{
    private static readonly Ground[] PositiveGrounds = [Ground.Guidance, Ground.Guidance, Ground.Adaptation, Ground.Both];
    private static readonly Ground[] NegativeGrounds = [Ground.RegularEmployerPossible, Ground.RegularEmployerPossible, Ground.NoWorkCapacity];
    private static readonly SupportNeed[] Adaptations = [SupportNeed.TechnicalAdaptation, SupportNeed.OrganisationalAdaptation];
    private static readonly SupportNeed[] Guidances = [SupportNeed.PermanentSupervision, SupportNeed.IntensiveGuidance];
    private static readonly EndReason[] EndReasons = [EndReason.Regular, EndReason.Dagbesteding, EndReason.Dagbesteding, EndReason.Dropout, EndReason.Dropout];
    private static readonly EndCause[] EndCauses = [EndCause.Moved, EndCause.Declined, EndCause.Deteriorated, EndCause.Other];
    private static readonly AlternativeKind[] Alternatives =
        [AlternativeKind.Dagbesteding, AlternativeKind.PreTrajectory, AlternativeKind.WorkWithSupport, AlternativeKind.VoluntaryWork];

    private readonly ILookup<string, string> companies = reference.Companies
        .SelectMany(c => c.Serves, (company, municipality) => (company.Id, municipality))
        .ToLookup(c => c.municipality, c => c.Id);

    public PersonHistory Tell(int number, string bsn, Draft draft)
    {
        var benefit = Identities.DrawBenefit(draft.ReceivedOn, random);
        var contact = draft.Requester != Requester.Citizen ? PriorContact.Unspecified
            : random.Chance(1, 2) ? PriorContact.Consulted : PriorContact.None;
        return new(
            number, bsn, Identities.DrawName(random), Identities.DrawBirthDate(draft.ReceivedOn, random), draft.Town.Code,
            draft.Requester, contact, Identities.DrawSource(draft.Requester, benefit, random), benefit, draft.ReceivedOn,
            Advice(draft), Determination(draft), Offer(draft), Placement(draft),
            draft.AlternativeOn is { } on ? new(on, random.One(Alternatives)) : null,
            Dropout(draft));
    }

    private AdviceStep? Advice(Draft draft)
    {
        if (draft.IssuedOn is not { } issued) return null;
        var ground = random.One(draft.Verdict == Verdict.Positive ? PositiveGrounds : NegativeGrounds);
        List<SupportNeed> needs = [];
        if (ground is Ground.Adaptation or Ground.Both) needs.Add(random.One(Adaptations));
        if (ground is Ground.Guidance or Ground.Both) needs.Add(random.One(Guidances));
        return new(issued.AddDays(-random.Between(1, 9)).WeekdayUpTo(), issued, draft.Verdict, ground, needs);
    }

    private DeterminationStep? Determination(Draft draft)
    {
        if (draft.DeterminedOn is not { } determined) return null;
        var notBefore = determined.AddDays(random.Between(0, 3));
        var next = draft.Offer?.OfferedOn ?? draft.AlternativeOn ?? draft.DroppedOutOn ?? lastDay;
        var decision = draft.Verdict == Verdict.Positive ? Contracts.Municipalities.Determination.Positive : Contracts.Municipalities.Determination.Negative;
        return new(decision, determined, Days.Earlier(notBefore, next));
    }

    private OfferStep? Offer(Draft draft)
    {
        if (draft.Offer is not { } offer) return null;
        var entry = ledger[draft];
        return new(
            entry.Order, random.One(companies[draft.Town.Code].ToList()), offer.OfferedOn, offer.PlannedStart, offer.Minutes,
            draft.AnsweredOn, draft.Accepted,
            entry.AboveNumber ? $"{draft.Town.Code}-budget-{offer.PlannedStart.Year}" : null);
    }

    private PlacementStep? Placement(Draft draft)
    {
        if (draft.StartOn is not { } start) return null;
        var reason = draft.LastDay is null ? EndReason.Unspecified : random.One(EndReasons);
        return new(start, draft.LastDay, reason, reason == EndReason.Dropout ? random.One(EndCauses) : EndCause.Unspecified);
    }

    private DropoutStep? Dropout(Draft draft)
    {
        if (draft.DroppedOutOn is not { } on) return null;
        var elsewhere = draft.DropoutReason == DropoutReason.Moved
            ? random.One(reference.Municipalities.Where(m => m.Code != draft.Town.Code).ToList()).Code
            : null;
        return new(on, draft.DropoutReason, elsewhere);
    }
}
