using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.FromUwv;

/// <summary>UWV's facts about one request each. The municipality's own reference is its case, which links the advice to the work.</summary>
internal static class AdviceReactions
{
    public static void Requested(AdviceRequested e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO advice_requests (advice_request_id, municipality, case_id, requester, received_on, received_at, not_shared)
            VALUES ($id, $municipality, $case, $requester, $on, $at, $hidden)
            ON CONFLICT (advice_request_id) DO UPDATE SET
              case_id = COALESCE(case_id, $case), requester = $requester, received_on = $on, received_at = $at, not_shared = $hidden
            """)
            .Set("$id", FactIds.Of(e.AdviceRequestId)).Set("$municipality", FactIds.Municipality(received)).Set("$case", FactIds.OfOptional(e.RequesterReference))
            .Set("$requester", (int)e.Requester).Set("$on", StoreContext.Number(e.ReceivedOn.ToDateOnly())).Set("$at", FactIds.RecordedAt(received))
            .Set("$hidden", e is { Requester: Requester.Citizen, SharedBeforeAdvice: false } ? 1 : 0)
            .ExecuteNonQuery();

    public static void Issued(AdviceIssued e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO advice_requests (advice_request_id, municipality, case_id, requester, issued_on, verdict, ground, issued_at)
            VALUES ($id, $municipality, $case, $requester, $on, $verdict, $ground, $at)
            ON CONFLICT (advice_request_id) DO UPDATE SET
              case_id = COALESCE(case_id, $case), requester = $requester, issued_on = $on, verdict = $verdict, ground = $ground, issued_at = $at
            """)
            .Set("$id", FactIds.Of(e.AdviceRequestId)).Set("$municipality", FactIds.Municipality(received)).Set("$case", FactIds.OfOptional(e.RequesterReference))
            .Set("$requester", (int)e.Requester).Set("$on", StoreContext.Number(e.IssuedOn.ToDateOnly())).Set("$verdict", (int)e.Verdict)
            .Set("$ground", (int)e.Ground).Set("$at", FactIds.RecordedAt(received))
            .ExecuteNonQuery();

    public static void Withdrawn(AdviceWithdrawn e, ReceivedEvent received, WriteSession<InsightStore> session) =>
        session.Command("""
            INSERT INTO advice_requests (advice_request_id, municipality, case_id, requester, withdrawn_on, withdrawn_at)
            VALUES ($id, $municipality, $case, $requester, $on, $at)
            ON CONFLICT (advice_request_id) DO UPDATE SET withdrawn_on = $on, withdrawn_at = $at
            """)
            .Set("$id", FactIds.Of(e.AdviceRequestId)).Set("$municipality", FactIds.Municipality(received)).Set("$case", FactIds.OfOptional(e.RequesterReference))
            .Set("$requester", (int)e.Requester).Set("$on", StoreContext.Number(e.WithdrawnOn.ToDateOnly())).Set("$at", FactIds.RecordedAt(received))
            .ExecuteNonQuery();
}
