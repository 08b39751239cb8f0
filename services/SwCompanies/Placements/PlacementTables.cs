using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.FromMunicipalities;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>
/// The SQL of the one path by which placements come in. Two statements per placement: what is known, and the row.
/// Everything else runs only for placements that overlap, repeat or are refused.
/// </summary>
internal sealed class PlacementTables(WriteSession<SwCompanyStore> session, HoursElsewhere elsewhere)
{
    // One row always, NULLs where nothing is known.
    private readonly Statement _known = session.Statement("""
        SELECT c.determination, c.determined_on, o.company_id, o.employer, o.accepted, o.answered_on, o.freed_from,
               EXISTS (SELECT 1 FROM placements WHERE case_id = ?1 AND last_day >= ?3 AND start_on <= ?4)
        FROM (SELECT 1)
        LEFT JOIN cases c ON c.case_id = ?1
        LEFT JOIN offers o ON o.offer_id = ?2 AND o.case_id = ?1
        """);

    // The key decides whether a placement is new: looking first would cost every new one a search.
    private readonly Statement _insert = session.Statement("""
        INSERT INTO placements (placement_id, case_id, offer_id, company_id, employer, sector, workplace, start_on,
                                minutes_per_week, contract_type, last_day, terms, form, version, end_reason, end_cause, reported_as)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, 0, 0, ?14)
        ON CONFLICT (placement_id) DO NOTHING
        """);

    /// <summary>What is known about a report, and whether the person has other placements on its days.</summary>
    public (Known Known, bool Overlaps) Known(PlacementEntry entry, bool contractRuns)
    {
        _known.Bind(1, entry.CaseId);
        _known.Bind(2, entry.OfferId);
        _known.Bind(3, entry.StartOn);
        _known.Bind(4, entry.LastDay);
        _known.Step();
        KnownOffer? offer = _known.IsNull(2)
            ? null
            : new KnownOffer(_known.Text(2), _known.Text(3), _known.Number(4) != 0, _known.Date(5), _known.Date(6));
        var known = _known.IsNull(0)
            ? new Known(contractRuns, Determination.Unspecified, DateOnly.MaxValue, offer)
            : new Known(contractRuns, (Determination)_known.Number(0), _known.Date(1), offer);
        var overlaps = _known.Number(7) != 0;
        _known.Reset();
        return (known, overlaps);
    }

    /// <summary>Adds the placement; false when its id is taken.</summary>
    public bool Add(PlacementEntry entry, string companyId) => Insert(entry, companyId, entry.Id, reportedAs: null);

    /// <summary>Adds the placement of a company beside the one of another reporter that has its id.</summary>
    public void AddBeside(PlacementEntry entry, string companyId)
    {
        var id = Ids.New();
        Insert(entry, companyId, id, reportedAs: entry.Id);
        entry.KeptAs = id;
    }

    /// <summary>The id under which what this reporter knows by an id is stored; null when it knows nothing by it.</summary>
    public Guid? OwnId(Guid id, string companyId)
    {
        var own = session.Statement("""
            SELECT placement_id FROM placements WHERE company_id = ?2 AND reported_as = ?1
            UNION ALL
            SELECT placement_id FROM placements WHERE placement_id = ?1 AND (?2 = '' OR (company_id = ?2 AND reported_as IS NULL))
            """);
        own.Bind(1, id);
        own.Bind(2, companyId);
        Guid? found = own.Step() ? own.Id(0) : null;
        own.Reset();
        return found;
    }

    private bool Insert(PlacementEntry entry, string companyId, Guid id, Guid? reportedAs)
    {
        var report = entry.Report;
        _insert.Bind(1, id);
        _insert.Bind(2, entry.CaseId);
        _insert.Bind(3, entry.OfferId);
        _insert.Bind(4, companyId);
        _insert.Bind(5, report.Employer);
        _insert.Bind(6, (int)report.Sector);
        _insert.Bind(7, report.Workplace);
        _insert.Bind(8, entry.StartOn);
        _insert.Bind(9, report.MinutesPerWeek);
        _insert.Bind(10, (int)report.ContractType);
        _insert.Bind(11, entry.LastDay);
        _insert.Bind(12, report.Terms);
        _insert.Bind(13, (int)report.Form);
        _insert.BindOrNull(14, reportedAs);
        return _insert.Run() == 1;
    }

    /// <summary>Whether the reporter used the id before: null when not, else whether for exactly this report.</summary>
    public bool? IsRepeat(PlacementEntry entry, string companyId)
    {
        if (OwnId(entry.Id, companyId) is not { } id) return null;
        // The last day that was reported stands in the first version once the placement changed.
        var taken = session.Statement("""
            SELECT p.case_id = ?2 AND p.offer_id = ?3 AND p.company_id = ?4 AND p.employer = ?5 AND p.sector = ?6 AND p.workplace = ?7
               AND p.start_on = ?8 AND p.contract_type = ?10 AND p.terms = ?12 AND p.form = ?13
               AND p.minutes_per_week = ?9 AND coalesce(v.last_day, p.last_day) = ?11
            FROM placements p LEFT JOIN placement_versions v ON v.placement_id = p.placement_id AND v.version = 1
            WHERE p.placement_id = ?1
            """);
        var report = entry.Report;
        taken.Bind(1, id);
        taken.Bind(2, entry.CaseId);
        taken.Bind(3, entry.OfferId);
        taken.Bind(4, companyId);
        taken.Bind(5, report.Employer);
        taken.Bind(6, (int)report.Sector);
        taken.Bind(7, report.Workplace);
        taken.Bind(8, entry.StartOn);
        taken.Bind(9, report.MinutesPerWeek);
        taken.Bind(10, (int)report.ContractType);
        taken.Bind(11, entry.LastDay);
        taken.Bind(12, report.Terms);
        taken.Bind(13, (int)report.Form);
        bool? same = taken.Step() ? taken.Number(0) != 0 : null;
        taken.Reset();
        return same;
    }

    /// <summary>When the company's contracts with this municipality run.</summary>
    public List<(DateOnly From, DateOnly To)> Contracts(string companyId)
    {
        var found = new List<(DateOnly, DateOnly)>();
        var contracts = session.Statement("SELECT start_on, last_day FROM contracts WHERE company_id = ?1");
        contracts.Bind(1, companyId);
        while (contracts.Step()) found.Add((contracts.Date(0), contracts.Date(1)));
        contracts.Reset();
        return found;
    }

    /// <summary>All decisions of the college on a case, one a day.</summary>
    public List<Decision> Decisions(Guid caseId)
    {
        var found = new List<Decision>();
        var decisions = session.Statement("SELECT determined_on, determination FROM determinations WHERE case_id = ?1");
        decisions.Bind(1, caseId);
        while (decisions.Step()) found.Add(new Decision(decisions.Date(0), (Determination)decisions.Number(1)));
        decisions.Reset();
        return found;
    }

    /// <summary>
    /// Whether the person works, up to the day before at the least, in a placement on the same offer that nobody ended: it
    /// only expired, so this renews it or comes beside it. A withdrawn offer is renewed no more.
    /// </summary>
    public bool Renews(PlacementEntry entry)
    {
        var running = session.Statement("""
            SELECT EXISTS (SELECT 1 FROM placements p JOIN offers o ON o.offer_id = p.offer_id AND o.withdrawn = 0
                           WHERE p.case_id = ?1 AND p.offer_id = ?2 AND p.start_on <= ?3 AND p.last_day >= ?4
                             AND p.end_reason = 0 AND p.placement_id <> ?5)
            """);
        running.Bind(1, entry.CaseId);
        running.Bind(2, entry.OfferId);
        running.Bind(3, entry.StartOn);
        running.Bind(4, entry.StartOn == DateOnly.MinValue ? entry.StartOn : entry.StartOn.AddDays(-1));
        running.Bind(5, entry.Id);
        running.Step();
        var renews = running.Number(0) != 0;
        running.Reset();
        return renews;
    }

    /// <summary>The case to which this one was joined; null when it was not.</summary>
    public Guid? JoinedTo(Guid caseId) => JoinedCases.Find(caseId, session);

    /// <summary>Whether the person of a case has hours in another municipality.</summary>
    public bool WorksElsewhere(Guid caseId) => elsewhere.Of(caseId).Count > 0;

    /// <summary>The hours of a person from a day on, in all municipalities, without those of one placement and of what never was one.</summary>
    public List<Stretch> Hours(Guid caseId, DateOnly from, Guid without)
    {
        var placements = session.Statement("""
            SELECT placement_id, start_on, minutes_per_week, last_day, version FROM placements
            WHERE case_id = ?1 AND last_day >= ?2 AND placement_id <> ?3
            """);
        placements.Bind(1, caseId);
        placements.Bind(2, from);
        placements.Bind(3, without);
        var hours = new List<Stretch>(elsewhere.Of(caseId));
        while (placements.Step())
        {
            if (placements.Number(4) == 1) hours.Add(new Stretch(placements.Date(1), placements.Date(3), (int)placements.Number(2)));
            else hours.AddRange(History(placements.Id(0)).Record.Stretches());
        }

        placements.Reset();
        return hours;
    }

    private PlacementHistory History(Guid placementId)
    {
        var versions = session.Statement("""
            SELECT version, from_on, minutes_per_week, last_day, end_reason, end_cause, end_last_day
            FROM placement_versions WHERE placement_id = ?1 ORDER BY version
            """);
        versions.Bind(1, placementId);
        var found = new List<PlacementVersion>();
        while (versions.Step())
        {
            found.Add(new PlacementVersion
            {
                PlacementId = placementId,
                Version = versions.Number(0),
                FromOn = versions.DateOrNull(1),
                MinutesPerWeek = versions.IsNull(2) ? null : (int)versions.Number(2),
                LastDay = versions.DateOrNull(3),
                EndReason = versions.IsNull(4) ? null : (EndReason)versions.Number(4),
                EndCause = versions.IsNull(5) ? null : (EndCause)versions.Number(5),
                EndLastDay = versions.DateOrNull(6),
            });
        }

        versions.Reset();
        return new PlacementHistory(found);
    }
}
