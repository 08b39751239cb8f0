using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using BeschutWerk.UwvAdvice.FromMunicipalities;
using BeschutWerk.UwvAdvice.National;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>A citizen or a municipality asks for advice.</summary>
internal static class RequestAdvice
{
    internal sealed record Prepared(Guid AdviceRequestId, Claim Claim);

    public static void CheckFields(RequestAdviceRequest request, Caller caller, FieldChecks checks)
    {
        var isCitizen = caller.Is(OrganisationKind.Citizen);
        checks.Require(request.Requester == (isCitizen ? Requester.Citizen : Requester.Municipality), "requester", "Must be what the token speaks for.");
        // Nothing is looked up for it: who asks with another's BSN hears the same whether UWV knows that person or not.
        checks.Require(
            !isCitizen || !Bsn.IsValid(request.Person?.Bsn) || caller.IsPerson(request.Person!.Bsn),
            "person.bsn", "Must be that of the citizen whom the token names.");
        checks.Require(!isCitizen || request.PriorContact != PriorContact.Unspecified, "prior_contact", "Must be given by a citizen.");
        checks.Require(isCitizen == (request.RequesterReference.Length == 0), "requester_reference", "Must be given by a municipality, and only by one.");
        checks.Require(request.AskedAt is null || !isCitizen, "asked_at", "Must be absent for a citizen.");
        var isFirst = request.Kind == AdviceKind.First;
        checks.Require(
            isFirst == (request.PreviousAdviceRequestId.Length == 0) || !checks.Keeps("kind"),
            "previous_advice_request_id", "Must be given for a repeat or fall-back, and only then.");
        if (request.ReceivedOn.ToDayOrNull() is not { } receivedOn) return;
        checks.Require(request.Person.IsBornBy(receivedOn), "received_on", "Lies before the day of birth.");
        checks.Require(isCitizen || AdvicePolicy.On(receivedOn) is not null, "received_on", "Lies before there was sheltered work (2015-01-01).");
    }

    /// <summary>Checks the request and claims the person in the national index, which is another store.</summary>
    public static async Task<Prepared> PrepareAsync(RequestAdviceRequest request, CallScope<UwvStore, UwvPlatformStore> scope)
    {
        RequireOpenTo(scope.Caller, request);

        // Derived, so that a retry after a crash finds its own claim. Keys of calls are per municipality, the index is not.
        var id = scope.DerivedId($"advice-request {scope.Municipality}");
        var claimId = Ids.New();
        var received = Received(request, scope.Caller, id, personId: Guid.Empty, earlierAdviceOn: null);
        var claim = await PersonClaim.TakeAsync(
            scope,
            personHash => IndexedRequest.Of(received, scope.Municipality.Code, personHash, claimId),
            request.Person.Bsn,
            received.PreviousAdviceRequestId);
        return new Prepared(id, claim);
    }

    /// <summary>
    /// Stores the request, the advice when a rule gives it without investigation, and its end when the candidate dropped out while
    /// it was on its way.
    /// </summary>
    public static RequestAdviceResponse Run(RequestAdviceRequest request, Prepared prepared, WriteSession<UwvStore> session)
    {
        if (Dossier.Find(session, prepared.AdviceRequestId) is { } stored)
        {
            return Answer(stored); // A retry so late that the answer itself is forgotten.
        }
        PersonClaim.RequireStillHeld(session, prepared.Claim.ClaimId);

        var (person, differs) = session.Persons.FindOrAdd(request.Person);
        if (session.Caller.Person is { } named) Citizens.Note(session, named, person);
        var given = differs == PersonDifference.None ? null : GivenPerson.Seal(session.Persons, request.Person, prepared.AdviceRequestId);
        // A request was on its way: what the municipality recorded meanwhile came after it.
        var recordedAt = request.AskedAt?.ToDateTimeOffset().ToTheMillisecond() is { } askedAt && askedAt < session.Now ? askedAt : session.Now;
        var dossier = Received(request, session.Caller, prepared.AdviceRequestId, person, prepared.Claim.EarlierAdviceOn, recordedAt, given);
        var said = dossier.Policy.Prejudge(dossier.Facts);
        var requested = DossierRules.Receive(dossier, said);
        dossier.Apply(requested);
        session.Raise(requested, requested.AdviceRequestId);

        if (said.Outcome == Outcome.Advice)
        {
            var issued = DossierRules.IssueAtOnce(dossier, said);
            dossier.Apply(issued);
            session.Raise(issued, issued.AdviceRequestId);
        }
        if (Dropouts.EndingOf(dossier, session) is { } ended)
        {
            dossier.Apply(ended);
            session.Raise(ended, ended.AdviceRequestId);
        }
        dossier.Add(session);
        return Answer(dossier);
    }

    /// <summary>Participatiewet 10b lid 3.</summary>
    private static void RequireOpenTo(Caller caller, RequestAdviceRequest request)
    {
        if (caller.Is(OrganisationKind.Citizen) && AdvicePolicy.On(request.ReceivedOn.ToDateOnly()) is not { CitizensMayAsk: true })
        {
            throw Refusal.Of(ErrorReason.CitizenRequestBefore2017, "Citizens may ask for advice from 2017-01-01.").ToException();
        }
    }

    /// <summary>The dossier of a request, before anything happened to it.</summary>
    internal static Dossier Received(
        RequestAdviceRequest request, Caller caller, Guid id, Guid personId, DateOnly? earlierAdviceOn,
        DateTimeOffset recordedAt = default, byte[]? sealedGivenPerson = null)
    {
        var receivedOn = request.ReceivedOn.ToDateOnly();
        return new Dossier
        {
            AdviceRequestId = id,
            PersonId = personId,
            SealedGivenPerson = sealedGivenPerson,
            Requester = request.Requester,
            AskedBy = request.Requester == Requester.Citizen ? caller.OrganisationId : null,
            Kind = request.Kind,
            Benefit = request.Benefit,
            PriorContact = request.PriorContact,
            PreviousAdviceRequestId = IdOrNull(request.PreviousAdviceRequestId),
            OldWswAdvice = request.OldWswAdvice,
            NewFactsSinceWswIndication = request.NewFactsSinceWswIndication,
            NewFactsSinceEarlierAdvice = request.NewFactsSinceEarlierAdvice,
            EarlierAdviceOn = earlierAdviceOn,
            RequesterReference = IdOrNull(request.RequesterReference),
            CaseId = IdOrNull(request.RequesterReference),
            SharedBeforeAdvice = request.SharedBeforeAdvice,
            ReceivedOn = receivedOn,
            DueOn = AdvicePolicy.On(receivedOn)!.DueOn(receivedOn),
            RecordedAt = recordedAt,
        };
    }

    private static RequestAdviceResponse Answer(Dossier dossier) => new()
    {
        AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
        Outcome = dossier.Outcome,
        Advice = dossier.Outcome == Outcome.Advice ? View.AdviceOf(dossier, assessment: null) : null,
        DueOn = dossier.DueOn.ToDate(),
        Version = dossier.Version,
    };

    private static Guid? IdOrNull(string id) => id.Length == 0 ? null : Ids.Parse(id);
}
