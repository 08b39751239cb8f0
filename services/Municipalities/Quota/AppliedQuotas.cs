using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Numbers;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>The numbers that a municipality's store was given, asked of it for a day.</summary>
static class AppliedQuotas
{
    private sealed record Row(Number Number, Publication Publication);

    /// <summary>The number that holds on a day, of those recorded until an instant; null when none does.</summary>
    /// <param name="command">Prepared commands of a session's connection.</param>
    /// <param name="day">The day.</param>
    /// <param name="knownAt">Instant of recording in Unix milliseconds.</param>
    public static Number? HoldingOn(Func<string, SqliteCommand> command, DateOnly day, long knownAt) =>
        NumberRule.HoldingOn(Of(command, day.Year, knownAt), row => row.Publication, day)?.Number;

    // A year has a handful of regulations: which of them holds is for the rule to say, not for an ORDER BY beside it.
    private static List<Row> Of(Func<string, SqliteCommand> command, int year, long knownAt)
    {
        using var row = command("""
            SELECT number, counting_unit, published_on, effective_from, regulation_id, recorded_at FROM quotas
            WHERE year = $year AND recorded_at <= $known ORDER BY quota_id
            """)
            .Set("$year", year).Set("$known", knownAt).ExecuteReader();
        var rows = new List<Row>();
        while (row.Read())
        {
            rows.Add(new Row(
                new Number(year, row.GetInt32(0), (CountingUnit)row.GetInt32(1)),
                new Publication(
                    year, StoreContext.Date(row.GetInt32(2)), StoreContext.Date(row.GetInt32(3)),
                    Ids.FromBytes(row.GetFieldValue<byte[]>(4)),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))));
        }

        return rows;
    }
}
