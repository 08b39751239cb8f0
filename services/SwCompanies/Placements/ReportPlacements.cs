using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies.NationalHours;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>
/// Placements come in here, one or many. A placement's id is its key for good: the same report is accepted again and
/// stored once, so that this path needs no row in the table of requests.
/// </summary>
internal static class ReportPlacements
{
    /// <summary>Most placements in one event: its JSON stays under what an intermediary must forward.</summary>
    internal const int MostPerEvent = 100;

    /// <summary>Judges each entry and stores what may be; notes on the entry what became of it.</summary>
    /// <param name="entries">The placements.</param>
    /// <param name="elsewhere">What their persons work in other municipalities.</param>
    /// <param name="knowsAll">Whether all that the municipality recorded has arrived, so that nothing may be late.</param>
    /// <returns>Whether an entry waits for what may only be late; it was not stored.</returns>
    public static bool Run(IReadOnlyList<PlacementEntry> entries, HoursElsewhere elsewhere, bool knowsAll, WriteSession<SwCompanyStore> session)
    {
        var companyId = CompanyOf(session.Caller);
        var tables = new PlacementTables(session, elsewhere);
        var contracts = companyId.Length > 0 ? tables.Contracts(companyId) : [];
        var reported = new PlacementsReported { CompanyId = companyId };
        HashSet<Guid>? late = null;
        foreach (var entry in entries)
        {
            if (entry.IsMalformed) continue;
            // Who waits for one placement waits for the next: its hours depend on it.
            entry.MayBeLate = late?.Contains(entry.CaseId) == true;
            if (entry.MayBeLate) continue;

            var added = Decide(entry, companyId, contracts, tables);
            // Those are the refusals that rest on events, of which one may not have arrived.
            if (!knowsAll && PlacementRules.MayDifferOnFirstDay(entry.Refusal))
            {
                entry.MayBeLate = true;
                (late ??= []).Add(entry.CaseId);
            }

            if (!added) continue;
            reported.Placements.Add(AsReported(entry));
            if (reported.Placements.Count < MostPerEvent) continue;
            Raise(reported, session);
            reported = new PlacementsReported { CompanyId = companyId };
        }

        if (reported.Placements.Count > 0) Raise(reported, session);
        return late is not null;
    }

    /// <summary>The sw-company that reports; empty for a municipality.</summary>
    public static string CompanyOf(Caller caller) => caller.Is(OrganisationKind.SwCompany) ? caller.OrganisationId : "";

    /// <returns>Whether the placement is new and stored.</returns>
    private static bool Decide(PlacementEntry entry, string companyId, List<(DateOnly From, DateOnly To)> contracts, PlacementTables tables)
    {
        var overlaps = Judge(entry, companyId, contracts, tables);
        // Nothing stands under the id of a case that was joined, so a report that names it is refused first.
        if (entry.Refusal is not null && tables.JoinedTo(entry.CaseId) is { } stays)
        {
            entry.IsAbout(stays);
            overlaps = Judge(entry, companyId, contracts, tables);
        }

        if (entry.Refusal is null && (overlaps || tables.WorksElsewhere(entry.CaseId)))
        {
            var added = new Stretch(entry.StartOn, entry.LastDay, entry.Report.MinutesPerWeek);
            var itself = tables.OwnId(entry.Id, companyId) ?? Guid.Empty;
            entry.Refusal = PlacementRules.WithinFortyHours(added, tables.Hours(entry.CaseId, entry.StartOn, without: itself));
        }

        if (entry.Refusal is null && tables.Add(entry, companyId)) return true;

        // What was accepted once stays accepted, whatever changed since.
        if (tables.IsRepeat(entry, companyId) is { } same)
        {
            entry.Refusal = same ? null : Refusal.Of(ErrorReason.RequestIdReused, "This placement id was used before with another report.");
            return false;
        }

        if (entry.Refusal is not null) return false;
        // The id is another reporter's placement, of which this one hears nothing.
        tables.AddBeside(entry, companyId);
        return true;
    }

    /// <summary>Whether the placement may be, its hours aside.</summary>
    /// <returns>Whether the person has other placements on its days.</returns>
    private static bool Judge(PlacementEntry entry, string companyId, List<(DateOnly From, DateOnly To)> contracts, PlacementTables tables)
    {
        var runs = contracts.Exists(contract => contract.From <= entry.StartOn && entry.StartOn <= contract.To);
        var (known, overlaps) = tables.Known(entry, runs);
        var (employer, minutes) = (entry.Report.Employer, entry.Report.MinutesPerWeek);
        var reported = new Reported(entry.CaseId, companyId, employer, entry.StartOn, entry.LastDay, minutes);
        entry.Refusal = PlacementRules.Report(reported, known);
        if (PlacementRules.MayDifferOnFirstDay(entry.Refusal))
        {
            var then = PlacementRules.OnFirstDay(known, entry.StartOn, tables.Decisions(entry.CaseId), tables.Renews(entry));
            entry.Refusal = PlacementRules.Report(reported, then);
        }

        return overlaps;
    }

    private static void Raise(PlacementsReported reported, WriteSession<SwCompanyStore> session)
    {
        var subject = reported.Placements.Count == 1 ? reported.Placements[0].PlacementId
            : reported.CompanyId.Length > 0 ? reported.CompanyId
            : session.Tenant.Code;
        session.Raise(reported, subject, sizeIsBounded: true);
    }

    private static ReportedPlacement AsReported(PlacementEntry entry) => new()
    {
        PlacementId = entry.KeptAs is { } id ? id.Text() : Lower(entry.PlacementId),
        CaseId = entry.IsOfJoinedCase ? entry.CaseId.Text() : Lower(entry.Report.CaseId),
        OfferId = Lower(entry.Report.OfferId),
        StartOn = entry.Report.StartOn,
        LastDay = entry.Report.LastDay,
        MinutesPerWeek = entry.Report.MinutesPerWeek,
        Form = entry.Report.Form,
        Sector = entry.Report.Sector,
    };

    // An id that came in capitals is the same id; consumers compare text.
    private static string Lower(string id) => id.AsSpan().ContainsAnyInRange('A', 'F') ? id.ToLowerInvariant() : id;
}
