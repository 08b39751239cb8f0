using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Two cases turned out to be of one person: the facts of both are those of the one that stays, and the id of the other leads to it.</summary>
static class JoinCases
{
    public static void Run(SupportCase stays, SupportCase goes, WriteSession<MunicipalityStore> session)
    {
        session.SealReasonsAnew(stays.CaseId, goes.CaseId);
        // One event may be on both timelines.
        Run("INSERT INTO case_facts (case_id, position) SELECT ?1, position FROM case_facts WHERE case_id = ?2 ON CONFLICT DO NOTHING");
        Run("INSERT INTO case_facts (case_id, position) SELECT ?1, position FROM standings WHERE case_id = ?2 AND position IS NOT NULL ON CONFLICT DO NOTHING");
        Run("DELETE FROM case_facts WHERE case_id = ?2 AND ?1 <> ?2");
        Run("UPDATE offers SET case_id = ?1 WHERE case_id = ?2");
        Run("UPDATE case_aliases SET case_id = ?1 WHERE case_id = ?2");
        Run("INSERT INTO case_aliases (case_id, alias_id) VALUES (?1, ?2)");
        Run("UPDATE asked_requests SET case_id = ?1 WHERE case_id = ?2");
        Run("DELETE FROM corrections_due WHERE case_id = ?2 AND ?1 <> ?2");
        // What we knew of it stays readable; it counts no more from now on.
        var supersede = session.Statement("UPDATE standings SET superseded_at = ?2 WHERE case_id = ?1 AND superseded_at IS NULL");
        supersede.Bind(1, goes.CaseId);
        supersede.Bind(2, session.Now.ToUnixTimeMilliseconds());
        supersede.Run();

        stays.Needs = [.. stays.Needs.Union(goes.Needs)];
        if (goes.OpenedOn < stays.OpenedOn) stays.OpenedOn = goes.OpenedOn;
        session.Store.Cases.Remove(goes);
        // Before the person is given to the case that stays: a person has one case.
        session.Flush();

        void Run(string sql)
        {
            var statement = session.Statement(sql);
            statement.Bind(1, stays.CaseId);
            statement.Bind(2, goes.CaseId);
            statement.Run();
        }
    }
}
