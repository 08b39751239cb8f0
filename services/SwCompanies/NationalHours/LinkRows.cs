using System.Collections.Frozen;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>The SQL of linked requests, of the cases in which they were decided on, and of what is to be looked at.</summary>
internal static class LinkRows
{
    /// <summary>These requests are of one person; whatever was told of each before is replaced.</summary>
    public static void Link(WriteSession<SwCompaniesPlatformStore> session, IEnumerable<Guid> requests, Guid groupId)
    {
        var put = session.Statement("""
            INSERT INTO linked_requests (advice_request_id, group_id) VALUES (?1, ?2)
            ON CONFLICT (advice_request_id) DO UPDATE SET group_id = ?2
            """);
        foreach (var request in requests)
        {
            put.Bind(1, request);
            put.Bind(2, groupId);
            put.Run();
        }
    }

    /// <summary>The request was decided on in this case.</summary>
    public static void Determine(WriteSession<SwCompaniesPlatformStore> session, Guid request, LinkedCase linked)
    {
        var put = session.Statement("""
            INSERT INTO determined_requests (advice_request_id, municipality, case_id) VALUES (?1, ?2, ?3)
            ON CONFLICT (advice_request_id) DO UPDATE SET municipality = ?2, case_id = ?3
            """);
        put.Bind(1, request);
        put.Bind(2, linked.Municipality);
        put.Bind(3, linked.CaseId);
        put.Run();
    }

    /// <summary>Whether the request is linked to others.</summary>
    public static bool IsLinked(WriteSession<SwCompaniesPlatformStore> session, Guid request)
    {
        var row = session.Statement("SELECT 1 FROM linked_requests WHERE advice_request_id = ?1");
        row.Bind(1, request);
        var found = row.Step();
        row.Reset();
        return found;
    }

    /// <summary>Whether a request that was decided on in this case is linked to others.</summary>
    public static bool IsLinkedCase(WriteSession<SwCompaniesPlatformStore> session, Guid caseId)
    {
        var row = session.Statement("SELECT 1 FROM determined_requests JOIN linked_requests USING (advice_request_id) WHERE case_id = ?1");
        row.Bind(1, caseId);
        var found = row.Step();
        row.Reset();
        return found;
    }

    /// <summary>The cases in which requests were decided on.</summary>
    public static List<Guid> CasesOf(WriteSession<SwCompaniesPlatformStore> session, IEnumerable<Guid> requests)
    {
        var cases = new List<Guid>();
        var row = session.Statement("SELECT case_id FROM determined_requests WHERE advice_request_id = ?1");
        foreach (var request in requests)
        {
            row.Bind(1, request);
            if (row.Step()) cases.Add(row.Id(0));
            row.Reset();
        }

        return cases;
    }

    /// <summary>By case, the other ones of the same person.</summary>
    public static FrozenDictionary<Guid, LinkedCase[]> ByCase(ReadSession<SwCompaniesPlatformStore> session)
    {
        var rows = session.Statement("""
            SELECT l.group_id, d.municipality, d.case_id FROM linked_requests l
            JOIN determined_requests d ON d.advice_request_id = l.advice_request_id
            """);
        var cases = new HashSet<(Guid GroupId, LinkedCase Case)>();
        while (rows.Step()) cases.Add((rows.Id(0), new LinkedCase(rows.Text(1), rows.Id(2))));
        rows.Reset();

        // A case with requests of two groups, as while a person is corrected, belongs to both.
        return cases.GroupBy(row => row.GroupId, row => row.Case).SelectMany(group => group.Select(linked => (
                linked.CaseId, Others: group.Where(other => other.CaseId != linked.CaseId))))
            .GroupBy(row => row.CaseId, row => row.Others)
            .Select(row => (CaseId: row.Key, Others: row.SelectMany(others => others).Distinct().ToArray()))
            .Where(row => row.Others.Length > 0).ToFrozenDictionary(row => row.CaseId, row => row.Others);
    }

    /// <summary>Where a case is; null when nothing was decided in it.</summary>
    public static LinkedCase? Find(ReadSession<SwCompaniesPlatformStore> session, Guid caseId)
    {
        var row = session.Statement("SELECT municipality FROM determined_requests WHERE case_id = ?1");
        row.Bind(1, caseId);
        LinkedCase? found = row.Step() ? new LinkedCase(row.Text(0), caseId) : null;
        row.Reset();
        return found;
    }

    /// <summary>The hours of cases are to be looked at now.</summary>
    public static bool AddChecks(WriteSession<SwCompaniesPlatformStore> session, IEnumerable<Guid> cases) =>
        AddChecks(session, cases.Select(caseId => (Ids.New(), caseId)));

    /// <summary>The hours of cases are to be looked at, once the call that changes them ended.</summary>
    public static bool AddChecks(WriteSession<SwCompaniesPlatformStore> session, IEnumerable<(Guid CheckId, Guid CaseId)> checks)
    {
        var add = session.Statement("INSERT INTO hours_to_check (check_id, case_id) VALUES (?1, ?2)");
        foreach (var (checkId, caseId) in checks)
        {
            add.Bind(1, checkId);
            add.Bind(2, caseId);
            add.Run();
        }

        return true;
    }

    /// <summary>What is to be looked at, also what a call of this process still changes.</summary>
    public static List<(Guid CheckId, Guid CaseId)> Checks(ReadSession<SwCompaniesPlatformStore> session)
    {
        var rows = session.Statement("SELECT check_id, case_id FROM hours_to_check");
        var found = new List<(Guid, Guid)>();
        while (rows.Step()) found.Add((rows.Id(0), rows.Id(1)));
        rows.Reset();
        return found;
    }

    /// <summary>They were looked at.</summary>
    public static void RemoveChecks(WriteSession<SwCompaniesPlatformStore> session, IEnumerable<Guid> checks)
    {
        var remove = session.Statement("DELETE FROM hours_to_check WHERE check_id = ?1");
        foreach (var check in checks)
        {
            remove.Bind(1, check);
            remove.Run();
        }
    }
}
