using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.SwCompanies.FromMunicipalities;

/// <summary>
/// What a municipality's events say about who may be placed. They come for every case of every municipality, so each is one
/// prepared statement; and again after a restore, so each gives the same when it comes twice.
/// </summary>
internal static class CasesAndOffers
{
    /// <summary>The college decided. A positive decision that is confirmed keeps its first day.</summary>
    public static void Determined(CaseDetermined determined, WriteSession<SwCompanyStore> session)
    {
        var upsert = session.Statement("""
            INSERT INTO cases (case_id, determination, determined_on) VALUES (?1, ?2, ?3)
            ON CONFLICT (case_id) DO UPDATE SET
              determined_on = iif(determination = excluded.determination, min(determined_on, excluded.determined_on), excluded.determined_on),
              determination = excluded.determination
            """);
        upsert.Bind(1, Ids.Parse(determined.CaseId));
        upsert.Bind(2, (int)determined.Determination);
        upsert.Bind(3, determined.DeterminedOn.ToDateOnly());
        upsert.Run();
    }

    public static void Offered(PlaceOffered offered, WriteSession<SwCompanyStore> session)
    {
        var insert = session.Statement("""
            INSERT INTO offers (offer_id, case_id, company_id, employer) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (offer_id) DO NOTHING
            """);
        insert.Bind(1, Ids.Parse(offered.OfferId));
        insert.Bind(2, Ids.Parse(offered.CaseId));
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
    public static void Withdrawn(OfferWithdrawn withdrawn, WriteSession<SwCompanyStore> session) =>
        Free(withdrawn.OfferId, withdrawn.WithdrawnOn.ToDateOnly(), session);

    /// <summary>The place is somebody else's: by the end of a placement, a dropout, a declined or withdrawn offer.</summary>
    public static void Freed(PlaceFreed freed, WriteSession<SwCompanyStore> session) =>
        Free(freed.OfferId, freed.FreedFrom.ToDateOnly(), session);

    private static void Free(string offerId, DateOnly from, WriteSession<SwCompanyStore> session)
    {
        var update = session.Statement("UPDATE offers SET freed_from = min(freed_from, ?2) WHERE offer_id = ?1");
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
