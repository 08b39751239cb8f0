using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Persons;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>What every use case of a case needs of its session.</summary>
static class CaseSessions
{
    /// <summary>The case as it is today, or NOT_FOUND: another municipality's case is not in this store.</summary>
    public static SupportCase Case(this WriteSession<MunicipalityStore> session, string caseId) =>
        session.UpToDate(session.FindCase(Ids.Parse(caseId)) ?? throw Refusal.NotFound("case").ToException());

    /// <summary>Writes first what time alone has changed of a case, so that nobody acts on the day before or is answered with it.</summary>
    public static SupportCase UpToDate(this WriteSession<MunicipalityStore> session, SupportCase supportCase)
    {
        if (supportCase.TurnsOn <= session.Today) CaseRecord.Of(session, supportCase).Turn();
        return supportCase;
    }

    /// <summary>The case, or NOT_FOUND.</summary>
    public static SupportCase Case(this ReadSession<MunicipalityStore> session, string caseId) =>
        session.FindCase(Ids.Parse(caseId)) ?? throw Refusal.NotFound("case").ToException();

    /// <summary>The case with its facts, or NOT_FOUND.</summary>
    public static CaseRecord Record(this WriteSession<MunicipalityStore> session, string caseId) => CaseRecord.Of(session, session.Case(caseId));

    /// <summary>The case of an id, as an event names it; null when this store knows none.</summary>
    public static SupportCase? FindCase(this WriteSession<MunicipalityStore> session, Guid caseId) => FindCase(session.Store, session.Statement, caseId);

    /// <summary>The case of an id; null when this store knows none.</summary>
    public static SupportCase? FindCase(this ReadSession<MunicipalityStore> session, Guid caseId) => FindCase(session.Store, session.Statement, caseId);

    /// <summary>Which case a request for advice belongs to, for who needs no more of it; null when there is none.</summary>
    public static Guid? CaseIdOf(this WriteSession<MunicipalityStore> session, Guid adviceRequestId)
    {
        var row = session.Statement("SELECT case_id FROM cases WHERE advice_request_id = ?1");
        row.Bind(1, adviceRequestId);
        Guid? caseId = row.Step() ? row.Id(0) : null;
        row.Reset();
        return caseId;
    }

    /// <summary>The case of a citizen's own request, also one that counts another request now; null when there is none.</summary>
    public static SupportCase? FindCaseOfCitizen(this WriteSession<MunicipalityStore> session, Guid adviceRequestId)
    {
        var row = session.Statement("SELECT case_id FROM citizen_cases WHERE advice_request_id = ?1");
        row.Bind(1, adviceRequestId);
        Guid? caseId = row.Step() ? row.Id(0) : null;
        row.Reset();
        return caseId is { } id ? session.FindCase(id) : null;
    }

    /// <summary>Notes which case a citizen's own request became or joined.</summary>
    public static void NoteCaseOfCitizen(this WriteSession<MunicipalityStore> session, Guid adviceRequestId, Guid caseId)
    {
        var note = session.Statement("INSERT INTO citizen_cases (advice_request_id, case_id) VALUES (?1, ?2)");
        note.Bind(1, adviceRequestId);
        note.Bind(2, caseId);
        note.Run();
    }

    /// <summary>An offer of this case, or NOT_FOUND.</summary>
    public static PlaceOffer Offer(this WriteSession<MunicipalityStore> session, SupportCase supportCase, string offerId) =>
        session.Store.FindOffer(Ids.Parse(offerId)) is { } offer && offer.CaseId == supportCase.CaseId
            ? offer
            : throw Refusal.NotFound("offer").ToException();

    /// <summary>Raises an event of a case and puts it on the case's timeline.</summary>
    /// <returns>Its position in the log.</returns>
    public static long RaiseOn(this WriteSession<MunicipalityStore> session, Guid caseId, IMessage @event)
    {
        session.Raise(@event, caseId.Text());
        var last = session.Statement("SELECT MAX(position) FROM events");
        last.Step();
        var position = last.Number(0);
        last.Reset();
        session.Remember(caseId, position);
        return position;
    }

    /// <summary>Puts a received event on the timeline of a case. One event may tell of a case more than once.</summary>
    public static void Remember(this WriteSession<MunicipalityStore> session, Guid caseId, long position)
    {
        var fact = session.Statement("INSERT INTO case_facts (case_id, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        fact.Bind(1, caseId);
        fact.Bind(2, position);
        fact.Run();
    }

    /// <summary>A received event is a fact of the case: it stands on its timeline, and the case is what it says with it.</summary>
    public static void Hear(this WriteSession<MunicipalityStore> session, SupportCase supportCase, long position)
    {
        session.Remember(supportCase.CaseId, position);
        CaseRecord.Of(session, supportCase).Hear(position);
    }

    /// <summary>Names a fact about a case that is not known here.</summary>
    public static void RaiseDiscrepancy(this WriteSession<MunicipalityStore> session, DiscrepancyKind kind, string fact) =>
        session.Raise(new DiscrepancyFound { Kind = kind, Fact = fact }, fact);

    /// <summary>Seals free text about a person, bound to the row that holds it.</summary>
    public static byte[] Seal(this WriteSession<MunicipalityStore> session, string text, Guid row) =>
        session.Persons.Seal(System.Text.Encoding.UTF8.GetBytes(text), row);

    /// <summary>
    /// A citizen may act on their own case only, and any other does not exist for them: whose it is says the person on record, whoever asked
    /// UWV for advice.
    /// </summary>
    public static void RequireOwn(this WriteSession<MunicipalityStore> session, SupportCase supportCase)
    {
        if (session.Caller.Is(OrganisationKind.Citizen) && !session.Caller.IsPerson(session.Persons.Get(supportCase.PersonId).Bsn))
        {
            throw Refusal.NotFound("case").ToException();
        }
    }

    // An id that was joined to another case leads there.
    private static SupportCase? FindCase(MunicipalityStore store, Func<string, Statement> statement, Guid caseId) =>
        store.FindCase(caseId) ?? (CaseFacts.CaseOfAlias(statement, caseId) is { } joined ? store.FindCase(joined) : null);
}
