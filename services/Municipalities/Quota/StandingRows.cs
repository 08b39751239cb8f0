using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>
/// The rows of standings by prepared statements: nearly every act on a case and every start moves one, and EF Core takes ten times
/// as long for each. Rows are only added and superseded, so that every day as known at every instant stays readable.
/// </summary>
internal sealed class StandingRows(WriteSession<MunicipalityStore> session)
{
    private readonly Statement _current = session.Statement("""
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings WHERE case_id = ?1 AND superseded_at IS NULL
        """);

    // Former work stays a current row of its case: the index of what is not work does not grow with it.
    private readonly Statement _held = session.Statement("""
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings
        WHERE case_id = ?1 AND superseded_at IS NULL AND kind <> 3 AND (last_day IS NULL OR last_day >= ?2)
        """);

    private readonly Statement _supersede = session.Statement("UPDATE standings SET superseded_at = ?2 WHERE standing_id = ?1");

    private readonly Statement _add = session.Statement("""
        INSERT INTO standings (case_id, kind, minutes, from_on, last_day, offer_id, placement_id, recorded_at, position)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """);

    /// <summary>Makes these the standings that we hold true of a case: what stays as it was keeps its row.</summary>
    /// <returns>Whether any changed.</returns>
    public bool Put(Guid caseId, IReadOnlyList<Standing> standings)
    {
        _current.Bind(1, caseId);
        var stored = Read(_current);
        var wanted = standings.ToList();
        var gone = stored.Where(row => !wanted.Remove(row.Standing)).ToList();
        foreach (var (id, _) in gone) Supersede(id);
        foreach (var standing in wanted) Add(caseId, standing, position: null);
        return gone.Count + wanted.Count > 0;
    }

    /// <summary>Work begins after everything that is known of a case: what the case held or was owed ends the day before.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="work">The work.</param>
    /// <param name="position">Where the report that tells it stands in the log.</param>
    public void Begin(Guid caseId, Standing work, long position)
    {
        _held.Bind(1, caseId);
        _held.Bind(2, work.FromOn);
        foreach (var (id, standing) in Read(_held))
        {
            Supersede(id);
            if (standing.FromOn < work.FromOn) Add(caseId, standing with { LastDay = work.FromOn.AddDays(-1) }, position: null);
        }

        Add(caseId, work, position);
    }

    private static List<(long Id, Standing Standing)> Read(Statement rows)
    {
        var found = new List<(long, Standing)>();
        while (rows.Step())
        {
            found.Add((rows.Number(0), new Standing(
                (StandingKind)rows.Number(1), (int)rows.Number(2), rows.Date(3), rows.DateOrNull(4), rows.IdOrNull(5), rows.IdOrNull(6))));
        }

        rows.Reset();
        return found;
    }

    private void Supersede(long standingId)
    {
        _supersede.Bind(1, standingId);
        _supersede.Bind(2, session.Now.ToUnixTimeMilliseconds());
        _supersede.Run();
    }

    private void Add(Guid caseId, Standing standing, long? position)
    {
        _add.Bind(1, caseId);
        _add.Bind(2, (int)standing.Kind);
        _add.Bind(3, standing.Minutes);
        _add.Bind(4, standing.FromOn);
        _add.BindOrNull(5, standing.LastDay);
        _add.BindOrNull(6, standing.OfferId);
        _add.BindOrNull(7, standing.PlacementId);
        _add.Bind(8, session.Now.ToUnixTimeMilliseconds());
        _add.BindOrNull(9, position);
        _add.Run();
    }
}
