using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.Advising;

namespace BeschutWerk.UwvAdvice.FromMunicipalities;

/// <summary>
/// The dropouts before placement that UWV heard of. A request that the municipality asked for before it recorded one may arrive
/// later: it ends as it would have when it had come first. A dropout that the municipality took back ends no request from then on.
/// </summary>
internal static class Dropouts
{
    /// <summary>Keeps one, once however often its event is read.</summary>
    /// <param name="eventId">Id of the event that tells it.</param>
    /// <param name="caseId">The case, as it is known here.</param>
    /// <param name="dropped">What the municipality recorded.</param>
    /// <param name="recordedAt">When it did.</param>
    /// <param name="session">The write.</param>
    /// <returns>Whether it counts: it was not taken back before.</returns>
    public static bool Keep(
        Guid eventId, Guid caseId, CandidateDroppedOut dropped, DateTimeOffset recordedAt, WriteSession<UwvStore> session)
    {
        if (IsTakenBack(eventId, session))
        {
            return false;
        }
        var keep = session.Statement("""
            INSERT INTO dropouts (event_id, case_id, recorded_at, reason, dropped_out_on) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING
            """);
        keep.Bind(1, eventId);
        keep.Bind(2, caseId);
        keep.Bind(3, recordedAt.ToUnixTimeMilliseconds());
        keep.Bind(4, (int)dropped.Reason);
        keep.Bind(5, dropped.DroppedOutOn.ToDateOnly());
        keep.Run();
        return true;
    }

    /// <summary>The municipality took an act back: a dropout counts as if it had never been. What it ended before stays ended.</summary>
    public static void TakenBack(ActTakenBack act, WriteSession<UwvStore> session)
    {
        if (act.Kind != ActKind.Dropout)
        {
            return;
        }
        // By the event: the case may be known by another id since.
        Run("DELETE FROM dropouts WHERE event_id = ?1");
        Run("INSERT INTO dropouts_taken_back (event_id) VALUES (?1) ON CONFLICT DO NOTHING");

        void Run(string sql)
        {
            var statement = session.Statement(sql);
            statement.Bind(1, Ids.Parse(act.EventId));
            statement.Run();
        }
    }

    /// <summary>How those of its case end a request that just came in; null when it goes on.</summary>
    public static AdviceWithdrawn? EndingOf(Dossier dossier, WriteSession<UwvStore> session)
    {
        if (dossier.CaseId is not { } caseId)
        {
            return null;
        }
        var rows = session.Statement(
            "SELECT recorded_at, reason, dropped_out_on FROM dropouts WHERE case_id = ?1 ORDER BY recorded_at, event_id");
        rows.Bind(1, JoinedCases.IdOf(caseId, session));
        AdviceWithdrawn? ended = null;
        while (ended is null && rows.Step())
        {
            var dropped = new CandidateDroppedOut { Reason = (DropoutReason)rows.Number(1), DroppedOutOn = rows.Date(2).ToDate() };
            ended = DossierRules.OnDropout(dossier, dropped, DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(0)));
        }

        rows.Reset();
        return ended;
    }

    private static bool IsTakenBack(Guid eventId, WriteSession<UwvStore> session)
    {
        var row = session.Statement("SELECT 1 FROM dropouts_taken_back WHERE event_id = ?1");
        row.Bind(1, eventId);
        var found = row.Step();
        row.Reset();
        return found;
    }
}
