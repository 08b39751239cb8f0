using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.FromMunicipalities;

/// <summary>Cases, and which advice each rests on.</summary>
internal static class CaseReactions
{
    public static void Opened(CaseOpened e, ReceivedEvent received, WriteSession<InsightStore> session)
    {
        session.Command("""
            INSERT INTO cases (case_id, municipality, opened_on, opened_at) VALUES ($id, $municipality, $on, $at)
            ON CONFLICT (case_id) DO UPDATE SET opened_on = $on, opened_at = $at
            """)
            .Set("$id", FactIds.Of(e.CaseId)).Set("$municipality", FactIds.Municipality(received))
            .Set("$on", StoreContext.Number(e.OpenedOn.ToDateOnly())).Set("$at", FactIds.RecordedAt(received))
            .ExecuteNonQuery();
        Link(e.CaseId, e.AdviceRequestId, received, session);
    }

    public static void Determined(CaseDetermined e, ReceivedEvent received, WriteSession<InsightStore> session)
    {
        session.Command("""
            INSERT INTO cases (case_id, municipality, determination, determined_on, determined_at) VALUES ($id, $municipality, $determination, $on, $at)
            ON CONFLICT (case_id) DO UPDATE SET determination = $determination, determined_on = $on, determined_at = $at
            WHERE COALESCE(determined_on, 0) <= $on
            """)
            .Set("$id", FactIds.Of(e.CaseId)).Set("$municipality", FactIds.Municipality(received)).Set("$determination", (int)e.Determination)
            .Set("$on", StoreContext.Number(e.DeterminedOn.ToDateOnly())).Set("$at", FactIds.RecordedAt(received))
            .ExecuteNonQuery();
        Link(e.CaseId, e.AdviceRequestId, received, session);
    }

    /// <summary>A decision counts as if it had never been: the one before it holds. Offers and dropouts are not kept here.</summary>
    public static void TakenBack(ActTakenBack e, ReceivedEvent received, WriteSession<InsightStore> session)
    {
        if (e.Kind != ActKind.Determination) return;
        // The decision may have been told under the id of a case that was joined since.
        session.Command("""
            WITH RECURSIVE ids(id) AS (SELECT $id UNION SELECT alias_id FROM case_aliases JOIN ids ON case_aliases.case_id = ids.id)
            UPDATE cases SET determination = $determination, determined_on = $on, determined_at = $at
            WHERE case_id IN ids AND determined_on = $taken
            """)
            .Set("$id", FactIds.Of(e.CaseId)).Set("$determination", (int)e.Determination)
            .Set("$on", e.DeterminedOn is { } day ? StoreContext.Number(day.ToDateOnly()) : null).Set("$at", FactIds.RecordedAt(received))
            .Set("$taken", StoreContext.Number(e.ActOn.ToDateOnly()))
            .ExecuteNonQuery();
    }

    /// <summary>UWV's own facts about the request may come later: then this row waits for them.</summary>
    private static void Link(string caseId, string adviceRequestId, ReceivedEvent received, WriteSession<InsightStore> session)
    {
        if (FactIds.OfOptional(adviceRequestId) is not { } advice) return;
        session.Command("""
            INSERT INTO advice_requests (advice_request_id, municipality, case_id) VALUES ($advice, $municipality, $case)
            ON CONFLICT (advice_request_id) DO UPDATE SET case_id = $case
            """)
            .Set("$advice", advice).Set("$municipality", FactIds.Municipality(received)).Set("$case", FactIds.Of(caseId))
            .ExecuteNonQuery();
    }
}
