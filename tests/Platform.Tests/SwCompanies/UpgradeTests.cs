using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Sector.Work;
using BeschutWerk.SwCompanies;
using BeschutWerk.SwCompanies.Placements;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>Stores that were written before an end could be corrected say the same after their upgrade.</summary>
public sealed class UpgradeTests
{
    private static readonly Guid Unchanged = Ids.New(), Amended = Ids.New(), Ended = Ids.New(), Never = Ids.New();

    private static SqliteConnection Empty()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Blob(Guid id) => $"x'{Convert.ToHexString(id.Bytes())}'";

    private static TStore Store<TStore>(SqliteConnection connection) where TStore : DbContext =>
        (TStore)Activator.CreateInstance(typeof(TStore), new DbContextOptionsBuilder<TStore>().UseSqlite(connection).Options)!;

    [Fact]
    public void Versions_of_a_sw_company_keep_hours_ends_and_the_agreed_last_day()
    {
        using var connection = Empty();
        var assembly = typeof(SwCompanyStore).Assembly;
        SchemaUpgrade.First(assembly, 1, platform: false).Apply(connection);
        // The row held what was in force, its versions each the whole of it.
        Row(Unchanged, minutes: 1500, lastDay: 20171231, version: 1, reason: 0);
        Row(Amended, minutes: 1200, lastDay: 20180630, version: 3, reason: 0);
        Row(Ended, minutes: 1800, lastDay: 20170520, version: 3, reason: (int)EndReason.Dropout);
        Row(Never, minutes: 1500, lastDay: 20170301, version: 2, reason: (int)EndReason.Correction);
        Version(Amended, 1, 20170201, 1500, 20171231);
        Version(Amended, 2, 20170401, 1500, 20180630);
        Version(Amended, 3, 20170501, 1200, 20180630);
        Version(Ended, 1, 20170201, 1500, 20171231);
        Version(Ended, 2, 20170401, 1800, 20171231);
        Version(Ended, 3, 20170401, 1800, 20170520);
        Version(Never, 1, 20170201, 1500, 20171231);
        Version(Never, 2, 20170201, 1500, 20170301);
        Run(connection, $"INSERT INTO cases VALUES ({Blob(Ids.New())}, 1, 20170115)");

        SchemaScripts.Of(assembly, platform: false).Apply(connection);

        using var store = Store<SwCompanyStore>(connection);
        Assert.All(store.Placements, placement => Assert.Equal(1500, placement.MinutesPerWeek));
        Assert.Empty(store.PlacementVersions.Where(version => version.PlacementId == Unchanged));
        PlacementHistory HistoryOf(Guid id) =>
            new([.. store.PlacementVersions.Where(version => version.PlacementId == id).OrderBy(version => version.Version)]);
        Assert.Equal(
            [
                new(new(2017, 2, 1), new(2017, 3, 31), 1500),
                new(new(2017, 4, 1), new(2017, 4, 30), 1500),
                new(new(2017, 5, 1), new(2018, 6, 30), 1200),
            ],
            HistoryOf(Amended).Record.Stretches());
        Assert.Equal([new DateOnly(2017, 12, 31), new(2018, 6, 30), null], HistoryOf(Amended).Versions.Select(version => version.LastDay));

        var ended = HistoryOf(Ended).Record;
        Assert.Equal([new(new(2017, 2, 1), new(2017, 3, 31), 1500), new(new(2017, 4, 1), new(2017, 5, 20), 1800)], ended.Stretches());
        Assert.Equal(new PlacementEnd(new(2017, 5, 20), EndReason.Dropout, EndCause.Illness), ended.End);
        Assert.Equal(new(2017, 12, 31), ended.AgreedLastDay);
        Assert.True(HistoryOf(Never).Record.NeverWas);
        using var decisions = connection.CreateCommand();
        decisions.CommandText = "SELECT count(*) FROM cases c JOIN determinations d USING (case_id, determination, determined_on)";
        Assert.Equal(1L, decisions.ExecuteScalar());

        void Row(Guid id, int minutes, int lastDay, int version, int reason) => Run(connection, $"""
            INSERT INTO placements (placement_id, case_id, offer_id, company_id, employer, sector, workplace, start_on,
                                    minutes_per_week, contract_type, last_day, terms, form, version, end_reason, end_cause)
            VALUES ({Blob(id)}, {Blob(id)}, {Blob(id)}, 'sw', '', 3, 'packaging', 20170201,
                    {minutes}, 1, {lastDay}, 'cao', 1, {version}, {reason}, {(reason == (int)EndReason.Dropout ? 1 : 0)})
            """);

        void Version(Guid id, int version, int from, int minutes, int lastDay) =>
            Run(connection, $"INSERT INTO placement_versions VALUES ({Blob(id)}, {version}, {from}, {minutes}, {lastDay})");
    }

    [Theory]
    [InlineData("swcompanies", false, 3)]
    [InlineData("swcompanies", true, 2)]
    [InlineData("uwv", false, 3)]
    public void Joins_from_before_are_read_in_the_events_of_municipalities_where_their_order_is_known(string service, bool platform, int before)
    {
        using var connection = Empty();
        var assembly = service == "uwv" ? typeof(BeschutWerk.UwvAdvice.UwvAdviceService).Assembly : typeof(SwCompanyStore).Assembly;
        SchemaUpgrade.First(assembly, before, platform).Apply(connection);
        Run(connection, """
            INSERT INTO sources (source_id, service, origin, source, applied, attempts, lost) VALUES
              (1, 'municipalities', 'GM0363', 'a', 9, 0, 0), (2, 'municipalities', 'platform', 'b', 9, 0, 0), (3, 'uwv', 'GM0363', 'c', 9, 0, 0),
              (4, 'municipalities', 'GM0344', 'd', 9, 0, 0), (5, 'municipalities', 'GM0344', 'e', 9, 0, 0),
              (6, 'municipalities', 'GM0014', 'f', 9, 0, 1), (7, 'municipalities', 'GM0093', 'g', 9, 0, 0);
            INSERT INTO parked (source_id, sequence, subject, reason, parked_at, event) VALUES (7, 8, 's', 'r', 0, x'00')
            """);

        SchemaScripts.Of(assembly, platform).Apply(connection);

        using var again = connection.CreateCommand();
        again.CommandText = "SELECT group_concat(source) FROM sources WHERE applied = 0";
        Assert.Equal("a", again.ExecuteScalar());
    }

    [Fact]
    public void Calls_that_asked_UWV_and_were_not_answered_are_kept_for_their_retry()
    {
        using var connection = Empty();
        var assembly = typeof(BeschutWerk.Municipalities.MunicipalityStore).Assembly;
        SchemaUpgrade.First(assembly, 7, platform: false).Apply(connection);
        Run(connection, """
            INSERT INTO cases (case_id, person_id, state, source, benefit, support_needs, known_to_municipality, opened_on, asked_by, verdict,
                               determination, duty_open, discrepancies, version) VALUES
              (x'01', x'01', 1, 1, 1, '', 0, 20180101, x'0a', 0, 0, 0, '', 1), (x'02', x'02', 1, 1, 1, '', 0, 20180101, x'0b', 0, 0, 0, '', 1),
              (x'03', x'03', 1, 1, 1, '', 0, 20180101, NULL, 0, 0, 0, '', 1);
            INSERT INTO requests (request_id, caller, method, digest, answer, answered_at) VALUES (x'0a', x'', 'm', x'00', x'00', 0)
            """);

        SchemaScripts.Of(assembly, platform: false).Apply(connection);

        using var asked = connection.CreateCommand();
        asked.CommandText = "SELECT group_concat(hex(request_id) || ' ' || hex(case_id)) FROM asked_requests";
        Assert.Equal("0B 02", asked.ExecuteScalar());
    }

    [Fact]
    public void Of_requests_that_citizens_do_not_share_a_municipality_forgets_what_it_kept()
    {
        using var connection = Empty();
        var assembly = typeof(BeschutWerk.Municipalities.MunicipalityStore).Assembly;
        SchemaUpgrade.First(assembly, 8, platform: false).Apply(connection);
        var (hidden, shared, advised, ours) = (Ids.New(), Ids.New(), Ids.New(), Ids.New());
        Event(1, hidden, new AdviceRequested { Requester = Requester.Citizen, ReceivedOn = Day(2017, 3), Version = 1 });
        Event(2, hidden, new AssessmentRecorded { Requester = Requester.Citizen, AssessedOn = Day(2018, 4), Version = 2 });
        Event(3, hidden, new AdviceWithdrawn { Requester = Requester.Citizen, WithdrawnOn = Day(2018, 5), Version = 3, Ending = AdviceEnding.Moved });
        Event(4, shared, new AdviceRequested { Requester = Requester.Citizen, ReceivedOn = Day(2018, 3), SharedBeforeAdvice = true, Version = 1 });
        Event(5, advised, new AdviceRequested { Requester = Requester.Citizen, ReceivedOn = Day(2018, 3), Version = 1 });
        Event(6, advised, new AdviceIssued { Requester = Requester.Citizen, IssuedOn = Day(2018, 4), Version = 2 });
        Event(7, ours, new AdviceRequested { Requester = Requester.Municipality, RequesterReference = Ids.New().Text(), Version = 1 });
        Run(connection, $"""
            INSERT INTO cases (case_id, person_id, state, source, benefit, support_needs, known_to_municipality, opened_on, verdict,
                               determination, duty_open, discrepancies, version) VALUES
              (x'01', x'01', 1, 1, 1, '', 0, 20180101, 0, 0, 0, '', 1), (x'02', x'02', 1, 1, 1, '', 0, 20180101, 0, 0, 0, '', 1);
            INSERT INTO citizen_requests VALUES ({Blob(hidden)}, 'citizen:a'), ({Blob(shared)}, 'citizen:b'), ({Blob(advised)}, 'citizen:c');
            INSERT INTO case_facts VALUES ({Blob(hidden)}, 1), ({Blob(hidden)}, 2), (x'01', 4), (x'02', 5), (x'02', 6);
            """);

        SchemaScripts.Of(assembly, platform: false).Apply(connection);

        Assert.Equal("4", One("SELECT group_concat(position) FROM case_facts WHERE case_id = x'01'"));
        Assert.Equal("5,6", One("SELECT group_concat(position) FROM (SELECT position FROM case_facts WHERE case_id <> x'01' ORDER BY position)"));
        Assert.Equal("4,6,7", One("SELECT group_concat(position) FROM (SELECT position FROM deliveries ORDER BY position)"));
        Assert.Equal((2L, "01", "02"), ((long)One("SELECT count(*) FROM citizen_cases")!, CaseOf(shared), CaseOf(advised)));

        void Event(int position, Guid id, IMessage data)
        {
            data.Descriptor.FindFieldByName("advice_request_id").Accessor.SetValue(data, id.Text());
            Run(connection, $"""
                INSERT INTO events (position, source_id, sequence, event_id, type, subject, time, actor, data)
                VALUES ({position}, 1, {position}, {Blob(Ids.New())}, '{EventTypes.Of(data.Descriptor).Name}', '{id.Text()}', 0, 'a', x'{Convert.ToHexString(data.ToByteArray())}');
                INSERT INTO deliveries (webhook_id, position, event_id, type, attempts, failed_in_a_row, failure, http_status, first_attempt_at, last_attempt_at, asked)
                VALUES (x'01', {position}, x'01', 't', 1, 0, 0, 200, 0, 0, 0)
                """);
        }

        string CaseOf(Guid id) => (string)One($"SELECT hex(case_id) FROM citizen_cases WHERE advice_request_id = {Blob(id)}")!;

        static Google.Type.Date Day(int year, int month) => new() { Year = year, Month = month, Day = 31 };

        object? One(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
    }

    [Fact]
    public void Changes_that_Insight_holds_are_known_to_be_about_hours_or_the_end()
    {
        using var connection = Empty();
        var assembly = typeof(InsightStore).Assembly;
        SchemaUpgrade.First(assembly, 1, platform: true).Apply(connection);
        Run(connection, $"""
            INSERT INTO placement_changes VALUES
              ({Blob(Ended)}, 2, 'GM0363', 20170401, 1800, 20171231, 0, 0),
              ({Blob(Ended)}, 3, 'GM0363', NULL, NULL, 20170520, {(int)EndReason.Dropout}, 0)
            """);

        SchemaScripts.Of(assembly, platform: true).Apply(connection);

        using var store = Store<InsightStore>(connection);
        Assert.Equal([false, true], store.PlacementChanges.OrderBy(change => change.Version).Select(change => change.AboutEnd));
        var changes = store.PlacementChanges.AsEnumerable().Select(change => change.AsChange());
        var record = PlacementRecord.Of(new(2017, 2, 1), new(2017, 12, 31), 1500, changes);
        Assert.Equal([new(new(2017, 2, 1), new(2017, 3, 31), 1500), new(new(2017, 4, 1), new(2017, 5, 20), 1800)], record.Stretches());
    }
}
