using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.FromMunicipalities;

/// <summary>Two cases of a municipality are of one person, who counts once.</summary>
internal static class CasesJoinedReaction
{
    public static void Apply(CandidateCorrected e, WriteSession<InsightStore> session)
    {
        if (FactIds.OfOptional(e.JoinedCaseId) is not { } joined) return;
        // After a restore of the municipality the two may be joined the other way round: what stays leads nowhere.
        session.Command("DELETE FROM case_aliases WHERE alias_id = $case").Set("$case", FactIds.Of(e.CaseId)).ExecuteNonQuery();
        session.Command("""
            INSERT INTO case_aliases (alias_id, case_id) VALUES ($joined, $case) ON CONFLICT (alias_id) DO UPDATE SET case_id = excluded.case_id
            """)
            .Set("$joined", joined).Set("$case", FactIds.Of(e.CaseId)).ExecuteNonQuery();
    }
}
