using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using Google.Protobuf;

namespace BeschutWerk.Rules.Tests.Municipalities;

/// <summary>A case by what is told of it. Opened 1 March 2017; each step of its ordinary way lies a few days later.</summary>
sealed class CaseIn
{
    public static readonly DateOnly Opened = new(2017, 3, 1);
    public static readonly DateOnly Asked = new(2017, 3, 2);
    public static readonly DateOnly Advised = new(2017, 3, 10);
    public static readonly DateOnly Determined = new(2017, 3, 20);
    public static readonly DateOnly Offered = new(2017, 3, 25);
    public static readonly DateOnly Answered = new(2017, 3, 28);
    public static readonly DateOnly Started = new(2017, 4, 3);
    public static readonly DateOnly Left = new(2017, 6, 30);

    /// <summary>After everything that the ordinary way tells.</summary>
    public static readonly DateOnly Later = new(2017, 8, 1);

    private readonly CaseIdentity _identity;
    private readonly List<IMessage> _told = [];
    private readonly Dictionary<IMessage, Guid> _eventIds = new(ReferenceEqualityComparer.Instance);

    public CaseIn(Benefit benefit = Benefit.Participatiewet, DateOnly? opened = null) => _identity = new CaseIdentity([Ids.New()], opened ?? Opened, benefit);

    public string CaseId => _identity.CaseId.Text();

    public Guid Request { get; private set; } = Ids.New();

    /// <summary>The latest offer.</summary>
    public Guid Offer { get; private set; }

    /// <summary>The latest placement.</summary>
    public Guid Placement { get; private set; }

    public IReadOnlyList<IMessage> Facts => _told;

    public CaseHistory History => Of(_told);

    /// <summary>The same facts told in another order.</summary>
    public CaseHistory Of(IEnumerable<IMessage> told) =>
        CaseHistory.Of(_identity, told.Select((fact, i) => new CaseFact(fact, i + 1, EventOf(fact))));

    /// <summary>What it is in the end.</summary>
    public CaseView View => History.At(DateOnly.MaxValue);

    /// <summary>A case that came to a state on its ordinary way.</summary>
    public static CaseIn State(CaseState state, Benefit benefit = Benefit.Participatiewet)
    {
        var found = new CaseIn(benefit);
        var _ = state switch
        {
            CaseState.Identified => found,
            CaseState.Requested => found.Ask(),
            CaseState.AdviceWithdrawn => found.Ask().WithdrawRequest(Advised),
            CaseState.AdvisedPositive => found.Ask().Advise(),
            CaseState.AdvisedNegative => found.Ask().Advise(Verdict.Negative),
            CaseState.DeterminedPositive => found.Ask().Advise().Determine(),
            CaseState.DeterminedNegative => found.Ask().Advise(Verdict.Negative).Determine(Determination.Negative),
            CaseState.OfferOpen => found.Accepted(answered: false),
            CaseState.OfferAccepted => found.Accepted(),
            CaseState.OfferDeclined => found.Accepted(answered: false).Answer(false, fitting: true),
            CaseState.AlternativeOffered => found.Ask().Advise().Determine().Alternative(Offered),
            CaseState.Placed => found.Accepted().Place(),
            CaseState.Exited => found.Accepted().Place().End(Left, EndReason.Regular),
            CaseState.DroppedOut => found.DropOut(Offered),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such state."),
        };
        Assert.Equal(state, found.View.State);
        return found;
    }

    /// <summary>With an offer that was made, and accepted unless it is not answered.</summary>
    public CaseIn Accepted(bool answered = true)
    {
        Ask().Advise().Determine().MakeOffer();
        return answered ? Answer() : this;
    }

    public CaseIn Ask(DateOnly? day = null)
    {
        Request = Ids.New();
        return Tell(new AdviceRequested
        {
            AdviceRequestId = Request.Text(), Requester = Requester.Municipality, RequesterReference = CaseId, ReceivedOn = (day ?? Asked).ToDate(),
        });
    }

    public CaseIn WithdrawRequest(DateOnly day) => EndRequest(day, AdviceEnding.Unspecified);

    public CaseIn EndRequest(DateOnly day, AdviceEnding ending, Guid? request = null) =>
        Tell(new AdviceWithdrawn { AdviceRequestId = (request ?? Request).Text(), WithdrawnOn = day.ToDate(), Ending = ending });

    public CaseIn Advise(Verdict verdict = Verdict.Positive, DateOnly? day = null, Guid? request = null) => Tell(new AdviceIssued
    {
        AdviceRequestId = (request ?? Request).Text(), Requester = Requester.Municipality, RequesterReference = CaseId, Verdict = verdict,
        IssuedOn = (day ?? Advised).ToDate(),
    });

    public CaseIn Determine(Determination decision = Determination.Positive, DateOnly? day = null)
    {
        var on = day ?? Determined;
        return Tell(new CaseDetermined
        {
            CaseId = CaseId, AdviceRequestId = Request.Text(), Determination = decision, DeterminedOn = on.ToDate(), NotifiedOn = on.ToDate(),
        });
    }

    public CaseIn MakeOffer(DateOnly? day = null, DateOnly? start = null, int minutes = 1500, bool aboveNumber = false)
    {
        Offer = Ids.New();
        return Tell(new PlaceOffered
        {
            CaseId = CaseId, OfferId = Offer.Text(), CompanyId = "wedeka", OfferedOn = (day ?? Offered).ToDate(),
            PlannedStart = (start ?? day?.AddDays(10) ?? Started).ToDate(), MinutesPerWeek = minutes, AboveNumber = aboveNumber,
        });
    }

    public CaseIn Answer(bool accepted = true, bool fitting = false, DateOnly? day = null, Guid? offer = null) => Tell(new OfferAnswered
    {
        CaseId = CaseId, OfferId = (offer ?? Offer).Text(), Accepted = accepted, Fitting = fitting, AnsweredOn = (day ?? Answered).ToDate(),
    });

    public CaseIn WithdrawOffer(DateOnly day, Guid? offer = null) =>
        Tell(new OfferWithdrawn { CaseId = CaseId, OfferId = (offer ?? Offer).Text(), WithdrawnOn = day.ToDate() });

    public CaseIn Alternative(DateOnly day) => Tell(new AlternativeOffered { CaseId = CaseId, Kind = AlternativeKind.Dagbesteding, OfferedOn = day.ToDate() });

    public CaseIn DropOut(DateOnly day, DropoutReason reason = DropoutReason.Illness) => Tell(new CandidateDroppedOut
    {
        CaseId = CaseId, Reason = reason, Phase = DropoutPhase.BeforePlacement, DroppedOutOn = day.ToDate(),
    });

    public CaseIn Place(DateOnly? start = null, DateOnly? last = null, int minutes = 1500, Guid? offer = null)
    {
        Placement = Ids.New();
        return Tell(new PlacementsReported
        {
            Placements =
            {
                new ReportedPlacement
                {
                    PlacementId = Placement.Text(), CaseId = CaseId, OfferId = (offer ?? Offer).Text(), StartOn = (start ?? Started).ToDate(),
                    LastDay = last.ToDate(), MinutesPerWeek = minutes,
                },
            },
        });
    }

    public CaseIn Amend(DateOnly from, int minutes, long version, DateOnly? last = null, Guid? placement = null) => Tell(new PlacementAmended
    {
        PlacementId = (placement ?? Placement).Text(), CaseId = CaseId, FromOn = from.ToDate(), MinutesPerWeek = minutes, LastDay = last.ToDate(), Version = version,
    });

    public CaseIn End(DateOnly lastDay, EndReason reason, long version = 2, Guid? placement = null, EndCause cause = EndCause.Unspecified) => Tell(new PlacementEnded
    {
        PlacementId = (placement ?? Placement).Text(), CaseId = CaseId, OfferId = Offer.Text(), LastDay = lastDay.ToDate(), Reason = reason, Cause = cause,
        Version = version,
    });

    /// <summary>Another end than was told; null: none.</summary>
    public CaseIn CorrectEnd(DateOnly? lastDay, EndReason reason, long version, Guid? placement = null) => Tell(new PlacementEndCorrected
    {
        PlacementId = (placement ?? Placement).Text(), CaseId = CaseId, OfferId = Offer.Text(), LastDay = lastDay.ToDate(), Reason = reason, Version = version,
    });

    /// <summary>Takes back what was told last.</summary>
    public CaseIn TakeBack() => Tell(TakingBack(_told[^1]).Value);

    /// <summary>What the rules say to the taking back of an act.</summary>
    public Ruling<ActTakenBack> TakingBack(IMessage act, DateOnly? day = null)
    {
        var history = History;
        return CaseRules.TakeBack(history, history.Facts.First(fact => fact.EventId == EventOf(act)), day ?? Later.AddYears(2));
    }

    private Guid EventOf(IMessage fact)
    {
        if (!_eventIds.TryGetValue(fact, out var id)) _eventIds.Add(fact, id = Ids.New());
        return id;
    }

    public CaseIn Tell(IMessage fact)
    {
        _told.Add(fact);
        return this;
    }

    public static PlaceTerms Terms(DateOnly? offered = null, DateOnly? start = null, string budget = "") =>
        new(Ids.New(), "wedeka", "", start ?? (offered ?? Offered).AddDays(10), 1500, offered ?? Offered, budget);
}
