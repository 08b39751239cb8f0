using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// The cases of which UWV may know another person than stands on record here, in the store: whatever dies, UWV is told.
/// <see cref="TellingUwv"/> tells it.
/// </summary>
static class CorrectionsDue
{
    /// <summary>UWV must be told who the case is about.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="position">In events: why.</param>
    /// <param name="session">The write that makes it due.</param>
    public static void Add(Guid caseId, long position, WriteSession<MunicipalityStore> session)
    {
        var add = session.Statement("""
            INSERT INTO corrections_due (case_id, position) VALUES (?1, ?2)
            ON CONFLICT (case_id) DO UPDATE SET position = excluded.position
            """);
        add.Bind(1, caseId);
        add.Bind(2, position);
        add.Run();
    }

    /// <summary>Nothing of a case is due any more, unless something new made it due meanwhile.</summary>
    public static bool Remove(Guid caseId, long position, WriteSession<MunicipalityStore> session)
    {
        var remove = session.Statement("DELETE FROM corrections_due WHERE case_id = ?1 AND position <= ?2");
        remove.Bind(1, caseId);
        remove.Bind(2, position);
        remove.Run();
        return true;
    }

    /// <summary>Since when in the log something is due of a case; null when nothing is.</summary>
    public static long? PositionOf(Guid caseId, ReadSession<MunicipalityStore> session)
    {
        var row = session.Statement("SELECT position FROM corrections_due WHERE case_id = ?1");
        row.Bind(1, caseId);
        long? position = row.Step() ? row.Number(0) : null;
        row.Reset();
        return position;
    }

    /// <summary>All cases of which something is due.</summary>
    public static List<Guid> All(ReadSession<MunicipalityStore> session)
    {
        var rows = session.Statement("SELECT case_id FROM corrections_due");
        var found = new List<Guid>();
        while (rows.Step()) found.Add(rows.Id(0));
        rows.Reset();
        return found;
    }

    /// <summary>
    /// Whether the person of a case was ever corrected: a request that arrives later may have been asked for the one of before.
    /// </summary>
    public static bool WasCorrected(Guid caseId, WriteSession<MunicipalityStore> session)
    {
        var row = session.Statement("""
            SELECT 1 FROM case_facts f JOIN events e ON e.position = f.position
            WHERE f.case_id = ?1 AND e.type = 'candidate-corrected' LIMIT 1
            """);
        row.Bind(1, caseId);
        var found = row.Step();
        row.Reset();
        return found;
    }

    /// <summary>
    /// The requests of a case at UWV, those that ended too. Not those in which a citizen named themselves before the case was given to
    /// somebody else by a swap: they were never about the person of now.
    /// </summary>
    public static List<string> RequestsAtUwv(IReadOnlyCollection<CaseFact> facts)
    {
        var swapped = facts.Where(fact => fact.Data is CandidateCorrected { SwappedCaseId.Length: > 0 }).Select(fact => fact.Position).DefaultIfEmpty().Max();
        var ids = facts.Select(fact => fact.Data switch
        {
            AdviceRequested requested => (Id: requested.AdviceRequestId, requested.Requester, fact.Position),
            AdviceIssued issued => (Id: issued.AdviceRequestId, issued.Requester, fact.Position),
            _ => (Id: "", Requester: Requester.Unspecified, fact.Position),
        }).Where(asked => asked.Id.Length > 0).ToList();
        var ofOthers = ids.Where(asked => asked.Requester == Requester.Citizen && asked.Position < swapped).Select(asked => asked.Id);
        return [.. ids.Select(asked => asked.Id).Except(ofOthers)];
    }

    /// <summary>Day of the last correction; today when none is on the timeline.</summary>
    public static DateOnly DayOf(IEnumerable<CaseFact> facts, DateOnly today) =>
        facts.OrderBy(fact => fact.Position).Select(fact => fact.Data).OfType<CandidateCorrected>().LastOrDefault() is { } corrected
            ? corrected.CorrectedOn.ToDateOnly()
            : today;
}
