using BeschutWerk.Backbone.Store;
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

    /// <summary>The number that holds on a day (<see cref="Sector.Numbers.NumberRule"/>); null when none does.</summary>
    /// <param name="day">The day.</param>
    /// <param name="knownAt">Instant of recording in Unix milliseconds.</param>
    public Number? NumberOn(DateOnly day, long knownAt = Now) => AppliedQuotas.HoldingOn(command, day, knownAt);

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
    /// A case counts with the most that it holds at one time.
    /// </summary>
    /// <param name="day">Day of the offer.</param>
    /// <param name="exceptCase">Whom the offer is for: what they held themselves does not stand in their way.</param>
    public Use HeldFrom(DateOnly day, Guid exceptCase)
    {
        var first = StoreContext.Number(day);
        using var row = command("""
            SELECT case_id, minutes, from_on, COALESCE(last_day, 99991231) FROM standings
            WHERE superseded_at IS NULL AND kind IN (2, 3) AND (last_day IS NULL OR last_day >= $day) AND case_id <> $case
            """)
            .Set("$day", first).Set("$case", exceptCase.Bytes()).ExecuteReader();
        var held = new Dictionary<Guid, List<(long Minutes, int From, int LastDay)>>();
        while (row.Read())
        {
            var caseId = Ids.FromBytes(row.GetFieldValue<byte[]>(0));
            if (!held.TryGetValue(caseId, out var rows)) held.Add(caseId, rows = new(1));
            rows.Add((row.GetInt64(1), Math.Max(row.GetInt32(2), first), row.GetInt32(3)));
        }

        return new Use(held.Count, held.Values.Sum(MostAtOneTime));
    }

    /// <summary>The sum only rises where something begins.</summary>
    private static long MostAtOneTime(List<(long Minutes, int From, int LastDay)> rows) => rows.Count == 1
        ? rows[0].Minutes
        : rows.Max(begins => rows.Where(other => other.From <= begins.From && begins.From <= other.LastDay).Sum(other => other.Minutes));
}
