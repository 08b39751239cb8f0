using System.Text;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Reads the facts of a case: the events of its timeline, own and received.</summary>
static class CaseFacts
{
    private static readonly EventType Reports = EventTypes.Of(PlacementsReported.Descriptor);

    /// <param name="statement">Prepared statements of a session's connection.</param>
    /// <param name="caseId">The case.</param>
    public static List<CaseFact> Of(Func<string, Statement> statement, Guid caseId)
    {
        var row = statement("""
            SELECT position, type, data, event_id FROM events WHERE position IN (
              SELECT position FROM case_facts WHERE case_id = ?1
              UNION SELECT position FROM standings WHERE case_id = ?1 AND position IS NOT NULL)
            """);
        row.Bind(1, caseId);
        var ids = IdsOf(statement, caseId).ConvertAll(id => Encoding.UTF8.GetBytes(id.Text()));
        var facts = new List<CaseFact>();
        try
        {
            while (row.Step())
            {
                // A type that this program does not know is kept in the log and parked; it says nothing here.
                if (EventTypes.Find(row.Text(1)) is not { } type) continue;
                var data = row.Bytes(2).ToArray();
                var fact = type == Reports ? OwnPlacements(data, ids) : type.Parse(UnsafeByteOperations.UnsafeWrap(data));
                facts.Add(new CaseFact(fact, row.Number(0), row.Id(3)));
            }
        }
        finally
        {
            // Also after a fact that cannot be read: the connection goes on.
            row.Reset();
        }

        return facts;
    }

    /// <summary>Of a report only the placements of one case: up to a hundred of others stand beside them, and who was renewed often has many reports.</summary>
    private static PlacementsReported OwnPlacements(byte[] data, List<byte[]> ids)
    {
        var own = new PlacementsReported();
        var report = new CodedInputStream(data);
        while (report.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) != PlacementsReported.PlacementsFieldNumber)
            {
                report.SkipLastField();
                continue;
            }

            var placement = report.ReadBytes();
            if (ids.Exists(id => placement.Span.IndexOf(id) >= 0)) own.Placements.Add(ReportedPlacement.Parser.ParseFrom(placement));
        }

        return own;
    }

    /// <summary>The ids under which events know a case, its own first.</summary>
    public static List<Guid> IdsOf(Func<string, Statement> statement, Guid caseId)
    {
        var row = statement("SELECT alias_id FROM case_aliases WHERE case_id = ?1");
        row.Bind(1, caseId);
        var ids = new List<Guid>(1) { caseId };
        while (row.Step()) ids.Add(row.Id(0));
        row.Reset();
        return ids;
    }

    /// <summary>The case that an id leads to which is no case any more; null when it never was one here.</summary>
    public static Guid? CaseOfAlias(Func<string, Statement> statement, Guid aliasId)
    {
        var row = statement("SELECT case_id FROM case_aliases WHERE alias_id = ?1");
        row.Bind(1, aliasId);
        Guid? caseId = row.Step() ? row.Id(0) : null;
        row.Reset();
        return caseId;
    }
}
