using System.Reflection;
using BeschutWerk.Insight;
using BeschutWerk.Municipalities;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>What stores hold of numbers from before regulations had shares and events said the day of publication.</summary>
public sealed class OldNumbersTests
{
    [Fact]
    public void A_regulation_of_before_has_the_share_by_which_it_was_applied()
    {
        using var store = Made(typeof(MunicipalitiesStore).Assembly, 2);
        Execute(store, """
            INSERT INTO regulation_numbers VALUES (x'01', 'GM0140', 4, 1), (x'01', 'GM0363', 70, 1), (x'02', 'GM0140', 5, 1);
            INSERT INTO applied_numbers VALUES (x'01', 'GM0363', 70, 1);
            """);
        Apply(store, typeof(MunicipalitiesStore).Assembly, 3);
        Assert.Equal(
            [
                "01 GM0140 GM0080 0", "01 GM0140 GM1900 4", "01 GM0140 GM1949 0",
                "02 GM0140 GM0080 0", "02 GM0140 GM1900 5", "02 GM0140 GM1949 0",
            ],
            Rows(store, "SELECT hex(regulation_id) || ' ' || code || ' ' || successor || ' ' || number FROM regulation_shares ORDER BY 1"));
        Assert.Equal(["0"], Rows(store, "SELECT publication_told || '' FROM applied_numbers"));
    }

    [Fact]
    public void A_number_that_Insight_heard_before_keeps_its_instant_and_has_no_day_of_publication()
    {
        using var store = Made(typeof(InsightStore).Assembly, 1);
        Execute(store, """
            INSERT INTO quota_numbers VALUES
              ('GM0363', 2018, 20180101, 1514764799999, 70, 1, 1, 'Stcrt. 2017'),
              ('GM0363', 2018, 20180401, 1514764799999, 80, 1, 1, 'Stcrt. 2018');
            """);
        Apply(store, typeof(InsightStore).Assembly, 2);
        Assert.Equal(
            [
                "20180101 1514764799999 00000000000000000000000000000000 none 70 Stcrt. 2017",
                "20180401 1514764799999 00000000000000000000000000000000 none 80 Stcrt. 2018",
            ],
            Rows(store, """
                SELECT concat_ws(' ', effective_from, recorded_at, hex(regulation_id), COALESCE(published_on, 'none'), number, source)
                FROM quota_numbers ORDER BY 1
                """));
    }

    private static SqliteConnection Made(Assembly service, int scripts)
    {
        var store = new SqliteConnection("Data Source=:memory:");
        store.Open();
        for (var number = 1; number <= scripts; number++) Apply(store, service, number);
        return store;
    }

    private static void Apply(SqliteConnection store, Assembly service, int number)
    {
        using var script = new StreamReader(service.GetManifestResourceStream($"schema/platform/{number:D4}.sql")!);
        Execute(store, script.ReadToEnd());
    }

    private static void Execute(SqliteConnection store, string sql)
    {
        using var command = store.CreateCommand();
#pragma warning disable CA2100 // The service's own scripts, and constants of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static List<string> Rows(SqliteConnection store, string sql)
    {
        using var command = store.CreateCommand();
#pragma warning disable CA2100 // Constants of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read()) rows.Add(row.GetString(0));
        return rows;
    }
}
