using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>What every use case of a case needs of its session.</summary>
static class CaseSessions
{
    /// <summary>The case, or NOT_FOUND: another municipality's case is not in this store.</summary>
    public static SupportCase Case(this WriteSession<MunicipalityStore> session, string caseId) =>
        session.Store.FindCase(Ids.Parse(caseId)) ?? throw Refusal.NotFound("case").ToException();

    /// <summary>The case, or NOT_FOUND.</summary>
    public static SupportCase Case(this ReadSession<MunicipalityStore> session, string caseId) =>
        session.Store.FindCase(Ids.Parse(caseId)) ?? throw Refusal.NotFound("case").ToException();

    /// <summary>Which case a request for advice belongs to, for who needs no more of it; null when there is none.</summary>
    public static Guid? CaseIdOf(this WriteSession<MunicipalityStore> session, Guid adviceRequestId)
    {
        var row = session.Statement("SELECT case_id FROM cases WHERE advice_request_id = ?1");
        row.Bind(1, adviceRequestId);
        Guid? caseId = row.Step() ? row.Id(0) : null;
        row.Reset();
        return caseId;
    }

    /// <summary>An offer of this case, or NOT_FOUND.</summary>
    public static PlaceOffer Offer(this WriteSession<MunicipalityStore> session, SupportCase supportCase, string offerId) =>
        session.Store.FindOffer(Ids.Parse(offerId)) is { } offer && offer.CaseId == supportCase.CaseId
            ? offer
            : throw Refusal.NotFound("offer").ToException();

    /// <summary>The case's open or accepted offer; null when none stands.</summary>
    public static PlaceOffer? StandingOffer(this WriteSession<MunicipalityStore> session, SupportCase supportCase) =>
        supportCase.OfferId is { } id && session.Store.FindOffer(id) is { Stands: true } offer ? offer : null;

    /// <summary>How the case counts from day to day.</summary>
    public static CaseStandings Standings(this WriteSession<MunicipalityStore> session, Guid caseId) =>
        new StandingRows(session).Of(caseId);

    /// <summary>Raises an event of a case and puts it on the case's timeline.</summary>
    public static void RaiseOn(this WriteSession<MunicipalityStore> session, Guid caseId, IMessage @event)
    {
        session.Raise(@event, caseId.Text());
        var fact = session.Statement("INSERT INTO case_facts (case_id, position) SELECT ?1, MAX(position) FROM events");
        fact.Bind(1, caseId);
        fact.Run();
    }

    /// <summary>
    /// Puts a received event on the timeline of a case, or of a citizen's own request until that has a case. One event may
    /// tell of a case more than once.
    /// </summary>
    public static void Remember(this WriteSession<MunicipalityStore> session, Guid caseId, long position)
    {
        var fact = session.Statement("INSERT INTO case_facts (case_id, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        fact.Bind(1, caseId);
        fact.Bind(2, position);
        fact.Run();
    }

    /// <summary>What was kept of a citizen's own request belongs to his case from now on.</summary>
    public static void Adopt(this WriteSession<MunicipalityStore> session, Guid caseId, Guid adviceRequestId)
    {
        var facts = session.Statement("UPDATE case_facts SET case_id = ?1 WHERE case_id = ?2");
        facts.Bind(1, caseId);
        facts.Bind(2, adviceRequestId);
        facts.Run();
    }

    /// <summary>Names a fact that contradicts the case.</summary>
    public static void RaiseDiscrepancy(this WriteSession<MunicipalityStore> session, SupportCase supportCase, DiscrepancyKind kind, string fact)
    {
        supportCase.Note(kind);
        session.RaiseOn(supportCase.CaseId, new DiscrepancyFound { CaseId = supportCase.CaseId.Text(), Kind = kind, Fact = fact });
    }

    /// <summary>Names a fact about a case that is not known here.</summary>
    public static void RaiseDiscrepancy(this WriteSession<MunicipalityStore> session, DiscrepancyKind kind, string fact) =>
        session.Raise(new DiscrepancyFound { Kind = kind, Fact = fact }, fact);

    /// <summary>Seals free text about a person, bound to the row that holds it.</summary>
    public static byte[] Seal(this WriteSession<MunicipalityStore> session, string text, Guid row) =>
        session.Persons.Seal(System.Text.Encoding.UTF8.GetBytes(text), row);

    /// <summary>A citizen may act on the case of his own request only; any other does not exist for him.</summary>
    public static void RequireOwn(this WriteSession<MunicipalityStore> session, SupportCase supportCase)
    {
        if (session.Caller.Is(OrganisationKind.Citizen) && supportCase.Citizen != session.Caller.Actor)
        {
            throw Refusal.NotFound("case").ToException();
        }
    }
}
