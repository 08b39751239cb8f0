using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.SwCompanies.FromMunicipalities;

/// <summary>
/// What a municipality's events say about who may be placed. They come for every case of every municipality, so they run
/// prepared statements only; and again after a restore, so each gives the same when it comes twice.
/// </summary>
internal static class CasesAndOffers
{
    /// <summary>
    /// The college decided. What stands is the decision of the latest day, whichever was told first; a decision that is
    /// confirmed keeps its first day.
    /// </summary>
    public static void Determined(CaseDetermined determined, ReceivedEvent received, WriteSession<SwCompanyStore> session)
    {
        var caseId = JoinedCases.IdOf(Ids.Parse(determined.CaseId), session);
        var keep = session.Statement("""
            INSERT INTO determinations (case_id, determined_on, determination, recorded_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (case_id, determined_on) DO UPDATE SET determination = excluded.determination, recorded_at = excluded.recorded_at
            WHERE excluded.recorded_at >= recorded_at
            """);
        keep.Bind(1, caseId);
        keep.Bind(2, determined.DeterminedOn.ToDateOnly());
        keep.Bind(3, (int)determined.Determination);
        keep.Bind(4, received.Time.ToUnixTimeMilliseconds());
        keep.Run();
        Stands(caseId, session);
    }

    /// <summary>Computes which decision on a case stands, and since when; nothing when there is none.</summary>
    public static void Stands(Guid caseId, WriteSession<SwCompanyStore> session)
    {
        var stands = session.Statement("""
            WITH latest AS (SELECT determination FROM determinations WHERE case_id = ?1 ORDER BY determined_on DESC LIMIT 1),
                 other AS (SELECT max(determined_on) AS day FROM determinations
                           WHERE case_id = ?1 AND determination <> (SELECT determination FROM latest))
            INSERT INTO cases (case_id, determination, determined_on)
            SELECT ?1, (SELECT determination FROM latest), min(determined_on) FROM determinations
            WHERE case_id = ?1 AND determined_on > coalesce((SELECT day FROM other), 0)
            HAVING count(*) > 0
            ON CONFLICT (case_id) DO UPDATE SET determination = excluded.determination, determined_on = excluded.determined_on
            """);
        stands.Bind(1, caseId);
        stands.Run();
    }

    public static void Offered(PlaceOffered offered, WriteSession<SwCompanyStore> session)
    {
        var insert = session.Statement("""
            INSERT INTO offers (offer_id, case_id, company_id, employer) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (offer_id) DO NOTHING
            """);
        insert.Bind(1, Ids.Parse(offered.OfferId));
        insert.Bind(2, JoinedCases.IdOf(Ids.Parse(offered.CaseId), session));
        insert.Bind(3, offered.CompanyId);
        insert.Bind(4, offered.Employer);
        insert.Run();
    }

    public static void Answered(OfferAnswered answered, WriteSession<SwCompanyStore> session)
    {
        var update = session.Statement("UPDATE offers SET accepted = ?2, answered_on = ?3 WHERE offer_id = ?1");
        update.Bind(1, Ids.Parse(answered.OfferId));
        update.Bind(2, answered.Accepted ? 1 : 0);
        update.Bind(3, answered.AnsweredOn.ToDateOnly());
        Known(update.Run());
    }

    /// <summary>Nothing may start on a withdrawn offer from the day of withdrawal.</summary>
    public static void Withdrawn(OfferWithdrawn withdrawn, WriteSession<SwCompanyStore> session)
    {
        var update = session.Statement("UPDATE offers SET freed_from = ?2, withdrawn = 1 WHERE offer_id = ?1");
        update.Bind(1, Ids.Parse(withdrawn.OfferId));
        update.Bind(2, withdrawn.WithdrawnOn.ToDateOnly());
        Known(update.Run());
    }

    /// <summary>
    /// The place is somebody else's from a day on: by the end of a placement, a dropout, a declined or withdrawn offer. The
    /// day that was told last holds.
    /// </summary>
    public static void Freed(PlaceFreed freed, WriteSession<SwCompanyStore> session) =>
        Free(freed.OfferId, freed.FreedFrom.ToDateOnly(), session);

    /// <summary>The place that was told to be free is taken after all.</summary>
    public static void TakenAgain(PlaceTakenAgain taken, WriteSession<SwCompanyStore> session) =>
        Free(taken.OfferId, DateOnly.MaxValue, session);

    private static void Free(string offerId, DateOnly from, WriteSession<SwCompanyStore> session)
    {
        var update = session.Statement("UPDATE offers SET freed_from = iif(withdrawn, freed_from, ?2) WHERE offer_id = ?1");
        update.Bind(1, Ids.Parse(offerId));
        update.Bind(2, from);
        Known(update.Run());
    }

    // An offer comes before what happens to it, in one source: without it something was parked, and this waits behind it.
    private static void Known(int offers)
    {
        if (offers == 0) throw new InvalidOperationException("The event is about an offer that never arrived.");
    }
}
