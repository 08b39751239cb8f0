using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using ActivityContext = System.Diagnostics.ActivityContext;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Every event of a case in the order of the log, own and received.</summary>
static class GetCaseTimeline
{
    public static GetCaseTimelineResponse Run(GetCaseTimelineRequest request, ReadSession<MunicipalityStore> session)
    {
        var caseId = session.Case(request.CaseId).CaseId;
        var positions = Positions(caseId, session);
        // An earlier version kept what the municipality may not see.
        var events = EventLog.ReadAt(session, positions).Where(logged => Audience.IsOpen(logged.Event));
        return new GetCaseTimelineResponse { Entries = { events.Select(logged => Entry(logged.Event, session.ReasonOf(logged.Position, caseId))) } };
    }

    private static TimelineEntry Entry(CloudEvent found, string note) => new()
    {
        Note = note,
        Event = found,
        Actor = found.Actor,
        LegalBasis = EventTypes.NameOf(found.Type) is { } name ? LegalBasis.ByEvent.GetValueOrDefault(name, "") : "",
        TraceId = ActivityContext.TryParse(found.Traceparent, null, out var trace) ? trace.TraceId.ToString() : "",
    };

    private static List<long> Positions(Guid caseId, ReadSession<MunicipalityStore> session)
    {
        using var row = session.Command("""
            SELECT position FROM case_facts WHERE case_id = $case
            UNION SELECT position FROM standings WHERE case_id = $case AND position IS NOT NULL ORDER BY position
            """).Set("$case", caseId.Bytes()).ExecuteReader();
        var positions = new List<long>();
        while (row.Read()) positions.Add(row.GetInt64(0));
        return positions;
    }
}
