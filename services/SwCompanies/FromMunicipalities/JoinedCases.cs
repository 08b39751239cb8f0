using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.SwCompanies.FromMunicipalities;

/// <summary>
/// Two cases turned out to be of one person. All that we know of the case that went stands under the id that stays from then
/// on. The other id is remembered, for an event or a report that still names it.
/// </summary>
internal static class JoinedCases
{
    public static void Joined(CandidateCorrected corrected, WriteSession<SwCompanyStore> session)
    {
        if (corrected.JoinedCaseId.Length == 0) return;
        var goes = Ids.Parse(corrected.JoinedCaseId);
        var stays = IdOf(Ids.Parse(corrected.CaseId), session);
        if (goes == stays) return;

        // Two decisions of one day: the one that the municipality recorded last holds, as within one case.
        Run("""
            INSERT INTO determinations (case_id, determined_on, determination, recorded_at)
            SELECT ?1, determined_on, determination, recorded_at FROM determinations WHERE case_id = ?2
            ON CONFLICT (case_id, determined_on) DO UPDATE SET determination = excluded.determination, recorded_at = excluded.recorded_at
            WHERE excluded.recorded_at > recorded_at
            """);
        Run("DELETE FROM determinations WHERE case_id = ?2 AND ?1 <> ?2");
        Run("DELETE FROM cases WHERE case_id = ?2 AND ?1 <> ?2");
        CasesAndOffers.Stands(stays, session);

        Run("UPDATE offers SET case_id = ?1 WHERE case_id = ?2");
        Run("UPDATE placements SET case_id = ?1 WHERE case_id = ?2");
        Run("UPDATE OR REPLACE told_excesses SET case_id = ?1 WHERE case_id = ?2");
        Run("UPDATE case_aliases SET case_id = ?1 WHERE case_id = ?2");
        Run("INSERT INTO case_aliases (alias_id, case_id) VALUES (?2, ?1) ON CONFLICT (alias_id) DO UPDATE SET case_id = excluded.case_id");

        void Run(string sql)
        {
            var statement = session.Statement(sql);
            statement.Bind(1, stays);
            statement.Bind(2, goes);
            statement.Run();
        }
    }

    /// <summary>The id under which a case is known here: its own, unless it was joined to another.</summary>
    public static Guid IdOf(Guid caseId, WriteSession<SwCompanyStore> session) => Find(caseId, session) ?? caseId;

    /// <summary>The case to which this one was joined; null when it was not.</summary>
    public static Guid? Find(Guid caseId, WriteSession<SwCompanyStore> session)
    {
        var row = session.Statement("SELECT case_id FROM case_aliases WHERE alias_id = ?1");
        row.Bind(1, caseId);
        Guid? found = row.Step() ? row.Id(0) : null;
        row.Reset();
        return found;
    }
}
