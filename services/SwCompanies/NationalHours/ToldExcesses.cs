using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;

namespace BeschutWerk.SwCompanies.NationalHours;

/// <summary>What a municipality was told of hours beyond forty, and is not over.</summary>
internal static class ToldExcesses
{
    /// <summary>Those of a case.</summary>
    public static HashSet<Excess> Of(Func<string, Statement> statement, Guid caseId)
    {
        var rows = statement("SELECT placement_id, from_on, minutes_per_week FROM told_excesses WHERE case_id = ?1");
        rows.Bind(1, caseId);
        var found = new HashSet<Excess>();
        while (rows.Step()) found.Add(new Excess(caseId, rows.Id(0), rows.Date(1), (int)rows.Number(2)));
        rows.Reset();
        return found;
    }

    /// <summary>Tells what is new and what is over; the rest was told.</summary>
    public static bool Tell(IReadOnlySet<Excess> now, Guid caseId, WriteSession<SwCompanyStore> session)
    {
        var told = Of(session.Statement, caseId);
        foreach (var over in told.Except(now))
        {
            Run(session, "DELETE FROM told_excesses WHERE case_id = ?1 AND placement_id = ?2 AND from_on = ?3 AND minutes_per_week = ?4", over);
            session.Raise(
                new HoursExcessEnded
                {
                    CaseId = caseId.Text(), PlacementId = over.PlacementId.Text(),
                    FromOn = over.FromOn.ToDate(), MinutesPerWeek = over.MinutesPerWeek,
                },
                over.PlacementId.Text());
        }

        foreach (var excess in now.Except(told))
        {
            Run(session, "INSERT INTO told_excesses (case_id, placement_id, from_on, minutes_per_week) VALUES (?1, ?2, ?3, ?4)", excess);
            session.Raise(
                new HoursExceeded
                {
                    CaseId = caseId.Text(), PlacementId = excess.PlacementId.Text(),
                    FromOn = excess.FromOn.ToDate(), MinutesPerWeek = excess.MinutesPerWeek,
                },
                excess.PlacementId.Text());
        }

        return true;
    }

    private static void Run(WriteSession<SwCompanyStore> session, string sql, Excess excess)
    {
        var statement = session.Statement(sql);
        statement.Bind(1, excess.CaseId);
        statement.Bind(2, excess.PlacementId);
        statement.Bind(3, excess.FromOn);
        statement.Bind(4, excess.MinutesPerWeek);
        statement.Run();
    }
}
