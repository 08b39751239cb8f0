using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.UwvAdvice.FromMunicipalities;

/// <summary>
/// Two cases turned out to be of one person: the requests and dropouts of the case that went are those of the case that stays. The
/// other id is remembered, for an event or a request that still names it. What the municipality referred to stays as it was told.
/// </summary>
internal static class JoinedCases
{
    public static void Joined(CandidateCorrected corrected, WriteSession<UwvStore> session)
    {
        if (corrected.JoinedCaseId.Length == 0)
        {
            return;
        }
        var goes = Ids.Parse(corrected.JoinedCaseId);
        var stays = IdOf(Ids.Parse(corrected.CaseId), session);
        if (goes == stays)
        {
            return;
        }
        Run("UPDATE dossiers SET case_id = ?1 WHERE case_id = ?2");
        Run("UPDATE dropouts SET case_id = ?1 WHERE case_id = ?2");
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
    public static Guid IdOf(Guid caseId, WriteSession<UwvStore> session)
    {
        var row = session.Statement("SELECT case_id FROM case_aliases WHERE alias_id = ?1");
        row.Bind(1, caseId);
        var found = row.Step() ? row.Id(0) : caseId;
        row.Reset();
        return found;
    }
}
