using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>The rows of standings by prepared statements: nearly every act on a case and every start moves one, and EF Core takes ten times as long for each.</summary>
internal sealed class StandingRows(WriteSession<MunicipalityStore> session)
{
    private readonly Statement _current = session.Statement("""
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings WHERE case_id = ?1 AND superseded_at IS NULL
        """);

    // Former work stays a current row of its case: the index of what is not work does not grow with it. Of work only what the
    // same placement had is asked for: it is told again when SwCompanies was restored.
    private readonly Statement _held = session.Statement("""
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings
        WHERE case_id = ?1 AND superseded_at IS NULL AND kind <> 3 AND (last_day IS NULL OR last_day >= ?2)
        UNION ALL
        SELECT standing_id, kind, minutes, from_on, last_day, offer_id, placement_id FROM standings
        WHERE placement_id = ?3 AND case_id = ?1 AND superseded_at IS NULL
        """);

    private readonly Statement _supersede = session.Statement("UPDATE standings SET superseded_at = ?2 WHERE standing_id = ?1");

    private readonly Statement _add = session.Statement("""
        INSERT INTO standings (case_id, kind, minutes, from_on, last_day, offer_id, placement_id, followed, recorded_at, position)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """);

    /// <summary>All that we hold true of a case.</summary>
    public CaseStandings Of(Guid caseId)
    {
        _current.Bind(1, caseId);
        return Standings(caseId, _current, position: null);
    }

    /// <summary>What a case holds or is owed on a day or later, as far as it is not work, and what was told of a placement before.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="from">The day.</param>
    /// <param name="placementId">The placement.</param>
    /// <param name="position">Where the report that moves it stands in the log.</param>
    public CaseStandings ForStart(Guid caseId, DateOnly from, Guid placementId, long position)
    {
        _held.Bind(1, caseId);
        _held.Bind(2, from);
        _held.Bind(3, placementId);
        return Standings(caseId, _held, position);
    }

    private CaseStandings Standings(Guid caseId, Statement rows, long? position)
    {
        var found = new List<Standing>();
        while (rows.Step())
        {
            found.Add(new Standing
            {
                StandingId = rows.Number(0),
                CaseId = caseId,
                Kind = (StandingKind)rows.Number(1),
                Minutes = (int)rows.Number(2),
                FromOn = rows.Date(3),
                LastDay = rows.DateOrNull(4),
                OfferId = rows.IdOrNull(5),
                PlacementId = rows.IdOrNull(6),
                RecordedAt = session.Now, // not asked for: nobody looks at it
            });
        }

        rows.Reset();
        return new CaseStandings(caseId, session.Now, found, row => Add(row, position), Supersede);
    }

    private void Supersede(Standing row)
    {
        _supersede.Bind(1, row.StandingId);
        _supersede.Bind(2, row.SupersededAt!.Value.ToUnixTimeMilliseconds());
        _supersede.Run();
    }

    private void Add(Standing row, long? position)
    {
        _add.Bind(1, row.CaseId);
        _add.Bind(2, (int)row.Kind);
        _add.Bind(3, row.Minutes);
        _add.Bind(4, row.FromOn);
        _add.BindOrNull(5, row.LastDay);
        _add.BindOrNull(6, row.OfferId);
        _add.BindOrNull(7, row.PlacementId);
        _add.Bind(8, row.Followed ? 1 : 0);
        _add.Bind(9, row.RecordedAt.ToUnixTimeMilliseconds());
        _add.BindOrNull(10, position);
        row.StandingId = _add.Insert();
    }
}
