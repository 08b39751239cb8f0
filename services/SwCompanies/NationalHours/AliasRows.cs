using System.Collections.Frozen;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>The SQL of cases that were joined, in the platform store.</summary>
internal static class AliasRows
{
    /// <summary>What stands under the id that goes stands under the id that stays.</summary>
    public static void Join(WriteSession<SwCompaniesPlatformStore> session, Guid stays, Guid goes)
    {
        Run("UPDATE determined_requests SET case_id = ?1 WHERE case_id = ?2");
        Run("UPDATE hours_to_check SET case_id = ?1 WHERE case_id = ?2");
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
    public static Guid IdOf(WriteSession<SwCompaniesPlatformStore> session, Guid caseId)
    {
        var row = session.Statement("SELECT case_id FROM case_aliases WHERE alias_id = ?1");
        row.Bind(1, caseId);
        var found = row.Step() ? row.Id(0) : caseId;
        row.Reset();
        return found;
    }

    /// <summary>By the id of each case that was joined, the id that stays.</summary>
    public static FrozenDictionary<Guid, Guid> All(ReadSession<SwCompaniesPlatformStore> session)
    {
        var rows = session.Statement("SELECT alias_id, case_id FROM case_aliases");
        var found = new Dictionary<Guid, Guid>();
        while (rows.Step()) found.Add(rows.Id(0), rows.Id(1));
        rows.Reset();
        return found.ToFrozenDictionary();
    }

    /// <summary>All ids of a case. A municipality's store may not have heard of the join yet.</summary>
    public static Guid[] IdsOf(ReadSession<SwCompaniesPlatformStore> session, Guid caseId)
    {
        var rows = session.Statement("SELECT alias_id FROM case_aliases WHERE case_id = ?1");
        rows.Bind(1, caseId);
        var found = new List<Guid> { caseId };
        while (rows.Step()) found.Add(rows.Id(0));
        rows.Reset();
        return [.. found];
    }
}
