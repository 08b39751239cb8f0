using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// One case with all its facts, in a write. A new fact, of whatever day, goes through here: the rows of the case, its offers and
/// its standings are computed again, and what follows is told.
/// </summary>
internal sealed class CaseRecord
{
    private readonly WriteSession<MunicipalityStore> _session;
    private readonly Ledger _ledger;

    private CaseRecord(WriteSession<MunicipalityStore> session, SupportCase row)
    {
        (_session, Row, _ledger) = (session, row, new Ledger(session.Command));
        var identity = new CaseIdentity(CaseFacts.IdsOf(session.Statement, row.CaseId), row.OpenedOn, row.Benefit);
        History = CaseHistory.Of(identity, CaseFacts.Of(session.Statement, row.CaseId));
    }

    /// <summary>The row of the case.</summary>
    public SupportCase Row { get; }

    /// <summary>The facts.</summary>
    public CaseHistory History { get; private set; }

    public static CaseRecord Of(WriteSession<MunicipalityStore> session, SupportCase row) => new(session, row);

    /// <summary>
    /// Asks a rule about an act of a day: it must be allowed as the case was on that day, and whatever is known of later days must
    /// still hold with it.
    /// </summary>
    /// <exception cref="RefusalException">As the rule says; DATE_BEFORE_ITS_BASIS: it would be allowed now, or on another day.</exception>
    public TEvent Decide<TEvent>(DateOnly day, Func<CaseView, Ruling<TEvent>> rule) where TEvent : IMessage
    {
        var then = rule(History.On(day));
        if (then.IsRefused) throw (rule(History.At(_session.Today)).Refusal ?? NotOnThatDay()).ToException();
        var known = History.Course.Contradictions;
        // A decision on work that began without one may leave that its offer was not accepted.
        var without = known.Where(found => found.Kind == DiscrepancyKind.PlacedWithoutDetermination).Select(found => found.Fact).ToHashSet();
        var contradicted = History.With(then.Value).Course.Contradictions.Except(known)
            .Where(found => !without.Contains(found.Fact) && !WaitsForDecision(then.Value, found)).ToList();
        if (contradicted.Count == 0) return then.Value;
        var remedy = then.Value is ActTakenBack ? " First take them back, or have them corrected." : "";
        throw BeforeItsBasis($"Known facts contradict it: {string.Join(", ", contradicted.Select(NameOf))}.{remedy}").ToException();
    }

    /// <summary>Asks a rule about an act that has no event of its own: it must be allowed on its day and now.</summary>
    public void Require(DateOnly day, Func<CaseView, Refusal?> rule)
    {
        if (rule(History.At(_session.Today)) is { } refusal) throw refusal.ToException();
        if (rule(History.On(day)) is not null) throw NotOnThatDay().ToException();
    }

    /// <summary>Records an act of the municipality.</summary>
    /// <returns>Where it stands in the log.</returns>
    public long Record(IMessage act)
    {
        var before = History;
        var position = Raise(act);
        Settle(before);
        return position;
    }

    /// <summary>Names something that is to be looked at and does not follow from the facts; it stays until it is settled.</summary>
    public void Name(DiscrepancyKind kind, string fact)
    {
        var found = new Contradiction(kind, fact);
        if (Row.Note(found)) Raise(Found(found));
    }

    /// <summary>Takes a received event into account that stands on the timeline of the case.</summary>
    public void Hear(long position) => Settle(History.Before(position));

    /// <summary>Days have passed, or what others hold changed: what follows for this case is written and told.</summary>
    public void Turn() => Settle(before: null);

    /// <summary>Raises a duty when the number leaves room for it on the day from which a place is owed.</summary>
    /// <returns>Whether it arose.</returns>
    public bool RaiseDuty(DateOnly from)
    {
        if (CaseRules.Duty(Row.CaseId, from, IsReachedByOthers(from)) is not { } duty) return false;
        Raise(duty);
        return true;
    }

    private void Settle(CaseHistory? before)
    {
        var today = _session.Today;
        var weighedUntil = Row.TurnsOn <= today ? Row.TurnsOn.Value : today.AddDays(1);
        // An offer that this very act makes has no row yet, and is what its row will say.
        foreach (var offer in History.At(today).Offers) _session.Store.FindOffer(offer.OfferId)?.Become(offer);
        var changed = new StandingRows(_session).Put(Row.CaseId, CaseStandings.Of(History, today));
        var taken = new HashSet<string>();
        foreach (var follows in CaseConsequences.Of(History, today).ToList())
        {
            Raise(follows);
            if (follows is PlaceTakenAgain again) taken.Add(again.OfferId);
        }

        if (CaseConsequences.NewDuty(History, before, weighedUntil, today) is { } duty) RaiseDuty(duty);

        var contradictions = History.Course.Contradictions.Concat(GivenAway(taken)).Concat(Kept()).ToList();
        var known = Row.Contradictions.Select(found => (found.Kind, found.Fact)).ToHashSet();
        foreach (var found in contradictions.Where(found => known.Add((found.Kind, found.Fact)))) Raise(Found(found));

        Row.Become(History, contradictions, today);
        if (changed) PlacesGivenAway.LookAgain(_session, except: Row.CaseId);
    }

    /// <summary>Places that were told to be free, are taken after all, and were given to somebody else meanwhile: the number is exceeded.</summary>
    private IEnumerable<Contradiction> GivenAway(HashSet<string> takenNow)
    {
        var named = Row.Contradictions.Where(found => found.Kind == DiscrepancyKind.PlaceGivenAway).Select(found => found.Fact).ToHashSet();
        return from offer in History.Course.Offers
            let id = offer.OfferId.Text()
            where !offer.AboveNumber && (takenNow.Contains(id) || named.Contains(id)) && !(offer.FreedFrom <= _session.Today)
            where AreAllHeldByOthers(CaseConsequences.LastFreed(History, id) ?? _session.Today)
            select new Contradiction(DiscrepancyKind.PlaceGivenAway, id);
    }

    /// <summary>Whether others hold until now what the number of that day, or of today, has; what they gave back since is free again.</summary>
    private bool AreAllHeldByOthers(DateOnly day)
    {
        var held = _ledger.HeldFrom(_session.Today, Row.CaseId);
        return QuotaArithmetic.IsReached(_ledger.NumberOn(day), held) || QuotaArithmetic.IsReached(_ledger.NumberOn(_session.Today), held);
    }

    private bool IsReachedByOthers(DateOnly day) => QuotaArithmetic.IsReached(_ledger.NumberOn(day), _ledger.HeldFrom(day, Row.CaseId));

    /// <summary>What does not follow from the facts stays until it is settled.</summary>
    private IEnumerable<Contradiction> Kept() => Row.Contradictions.Where(found => found.Kind == DiscrepancyKind.PersonDiffers);

    private DiscrepancyFound Found(Contradiction found) => new() { CaseId = Row.CaseId.Text(), Kind = found.Kind, Fact = found.Fact };

    private long Raise(IMessage @event)
    {
        var position = _session.RaiseOn(Row.CaseId, @event);
        History = CaseHistory.Of(History.Identity, [.. History.Facts, new CaseFact(@event, position)]);
        return position;
    }

    /// <summary>Whether an advice is only open again, because the decision on it is taken back: the college decides anew.</summary>
    private static bool WaitsForDecision(IMessage act, Contradiction found) =>
        act is ActTakenBack && found.Kind == DiscrepancyKind.AdviceAfterDetermination;

    private static Refusal NotOnThatDay() => BeforeItsBasis("The case allows it now, but not on that day.");

    private static Refusal BeforeItsBasis(string message) => Refusal.Of(ErrorReason.DateBeforeItsBasis, message);

    private static string NameOf(Contradiction found) =>
        found.Kind == DiscrepancyKind.ActContradicted ? found.Fact : $"{NameOf(found.Kind)} {found.Fact}";

    /// <summary>A kind as it stands in the contract, such as <c>PLACED_WITHOUT_OFFER</c>.</summary>
    private static string NameOf(DiscrepancyKind kind) =>
        CaseReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(DiscrepancyKind))
            .FindValueByNumber((int)kind).Name["DISCREPANCY_KIND_".Length..];
}
