using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>
/// The ledger of one municipality, asked of its store: the number that holds on a day, and how its cases stand. By legal
/// date, as recorded at an instant.
/// </summary>
/// <param name="command">Prepared commands of a session's connection.</param>
public sealed class Ledger(Func<string, SqliteCommand> command)
{
    /// <summary>All that is recorded until now.</summary>
    public const long Now = long.MaxValue;

    /// <summary>The number of a day's year, by the latest publication that holds on that day; null when none does.</summary>
    /// <param name="day">The day.</param>
    /// <param name="knownAt">Instant of recording in Unix milliseconds.</param>
    public Number? NumberOn(DateOnly day, long knownAt = Now)
    {
        using var row = command("""
            SELECT number, counting_unit FROM quotas
            WHERE year = $year AND effective_from <= $day AND recorded_at <= $known
            ORDER BY published_on DESC, quota_id DESC LIMIT 1
            """)
            .Set("$year", day.Year).Set("$day", StoreContext.Number(day)).Set("$known", knownAt).ExecuteReader();
        return row.Read() ? new Number(day.Year, row.GetInt32(0), (CountingUnit)row.GetInt32(1)) : null;
    }

    /// <summary>How the cases stand on a day.</summary>
    /// <param name="day">The day.</param>
    /// <param name="knownAt">Instant of recording in Unix milliseconds.</param>
    public Standings On(DateOnly day, long knownAt = Now)
    {
        using var row = command("""
            SELECT kind, COUNT(DISTINCT case_id), SUM(minutes) FROM standings
            WHERE from_on <= $day AND (last_day IS NULL OR last_day >= $day)
              AND recorded_at <= $known AND (superseded_at IS NULL OR superseded_at > $known)
            GROUP BY kind
            """)
            .Set("$day", StoreContext.Number(day)).Set("$known", knownAt).ExecuteReader();

        var standings = default(Standings);
        while (row.Read())
        {
            var use = new Use(row.GetInt32(1), row.GetInt64(2));
            standings = (StandingKind)row.GetInt32(0) switch
            {
                StandingKind.AtWork => standings with { AtWork = use },
                StandingKind.Reserved => standings with { Reserved = use },
                StandingKind.Waiting => standings with { Waiting = use.Persons },
                _ => standings with { ServedOtherwise = use.Persons },
            };
        }

        return standings;
    }

    /// <summary>
    /// What holds a place for an offer of that day: reservations, and placements that are in force, start later, or have not
    /// ended yet; a place is free the day after its last day. What was recorded for a later day counts too: it is given away.
    /// </summary>
    /// <param name="day">Day of the offer.</param>
    /// <param name="exceptCase">Whom the offer is for: what he held himself does not stand in his way.</param>
    public Use HeldFrom(DateOnly day, Guid exceptCase)
    {
        using var row = command("""
            SELECT COUNT(DISTINCT case_id), COALESCE(SUM(minutes), 0) FROM standings
            WHERE superseded_at IS NULL AND followed = 0 AND kind IN (2, 3) AND (last_day IS NULL OR last_day >= $day)
              AND case_id <> $case
            """)
            .Set("$day", StoreContext.Number(day)).Set("$case", exceptCase.Bytes()).ExecuteReader();
        row.Read();
        return new Use(row.GetInt32(0), row.GetInt64(1));
    }
}
