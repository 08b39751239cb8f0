using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Why the municipality did what an event tells, as it wrote it. It stands beside the event and not in it: free text may name a
/// person, so it is sealed, and bound to the case.
/// </summary>
static class Reasons
{
    /// <summary>Keeps the reason of an event.</summary>
    /// <param name="position">Of the event in the log.</param>
    /// <param name="caseId">The case on whose timeline the event stands.</param>
    public static void KeepReason(this WriteSession<MunicipalityStore> session, long position, string reason, Guid caseId)
    {
        var keep = session.Statement("INSERT INTO reasons (position, reason) VALUES (?1, ?2)");
        keep.Bind(1, position);
        keep.Bind(2, session.Seal(reason, caseId));
        keep.Run();
    }

    /// <summary>The reason of an event; empty when it has none.</summary>
    /// <param name="caseId">The case on whose timeline the event stands.</param>
    public static string ReasonOf(this ReadSession<MunicipalityStore> session, long position, Guid caseId)
    {
        var row = session.Statement("SELECT reason FROM reasons WHERE position = ?1");
        row.Bind(1, position);
        var reason = row.Step() ? row.Bytes(0).ToArray() : [];
        row.Reset();
        return reason.Length == 0 ? "" : Encoding.UTF8.GetString(session.Persons.Unseal(reason, caseId));
    }

    /// <summary>Reasons of a case that goes can be read for the case that stays, before its events are given to that one.</summary>
    public static void SealReasonsAnew(this WriteSession<MunicipalityStore> session, Guid stays, Guid goes)
    {
        var sealedReasons = session.Statement("SELECT position, reason FROM reasons WHERE position IN (SELECT position FROM case_facts WHERE case_id = ?1)");
        sealedReasons.Bind(1, goes);
        var reasons = new List<(long Position, byte[] Box)>();
        while (sealedReasons.Step()) reasons.Add((sealedReasons.Number(0), sealedReasons.Bytes(1).ToArray()));
        sealedReasons.Reset();
        foreach (var (position, box) in reasons)
        {
            var put = session.Statement("UPDATE reasons SET reason = ?2 WHERE position = ?1");
            put.Bind(1, position);
            put.Bind(2, session.Persons.Seal(session.Persons.Unseal(box, goes), stays));
            put.Run();
        }
    }
}
