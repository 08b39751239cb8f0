using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.BackboneTests;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>Who writes into a store's file past the service is found out: in the log, and in what operators did.</summary>
public sealed class AuditTests : NotesTest
{
    private NotesHost _host = null!;
    private TenantId _tenant;
    private OperationsService.OperationsServiceClient _operator = null!;

    public override async ValueTask InitializeAsync()
    {
        _host = await ServeAsync(options => options with { Readers = KeepWhatTheyReceive });
        _tenant = await _host.RegisterAsync(Amsterdam);
        _operator = new OperationsService.OperationsServiceClient(Operator(_host));
        foreach (var subject in new[] { "first", "second", "third" }) await _host.AddAsync(_tenant, subject);
        await Eventually(() => _host.Readers.TenantStores.Get(_tenant) is { Exists: true } && _host.Readers.Feed(_tenant).Head() == 3, "the readers keep what they received");
        for (var i = 0; i < 3; i++) await _operator.BackupStoreAsync(new BackupStoreRequest { Municipality = Amsterdam, RequestId = Ids.New().Text() });
    }

    [Fact]
    public async Task What_was_written_by_the_service_verifies_own_and_received()
    {
        foreach (var service in new[] { "municipalities", "readers" })
        {
            var verified = await VerifyAsync(service);
            Assert.Empty(verified.Findings);
            Assert.Equal((3, 3), (verified.Position, verified.Linked));
        }
    }

    [Theory]
    [InlineData("municipalities", "events", "position")]
    [InlineData("readers", "events", "position")]
    [InlineData("municipalities", "operator_acts", "act_id")]
    public void Whatever_column_is_changed_it_is_found(string service, string table, string key)
    {
        using var file = Open(service);
        var columns = Rows(file, $"SELECT name || ' ' || type FROM pragma_table_info('{table}') WHERE name <> '{key}'");
        Assert.True(columns.Count >= 7, "The columns are not read.");
        // The number of a source may change, by a restore; what it stands for may not.
        Run(file, "INSERT INTO own_sources VALUES (-1, 'urn:another', 1)");
        foreach (var column in columns.Select(column => column.Split(' ')))
        {
            foreach (var row in new[] { 1, 2, 3 })
            {
                var other = column switch
                {
                    ["source_id", _] => "-1",
                    [_, "BLOB"] => "zeroblob(32)",
                    // A number that no row has: two events of one sequence SQLite itself would refuse.
                    [_, "INTEGER"] => "1000001",
                    _ => "'x'",
                };
                using var changed = file.BeginTransaction();
                Run(file, $"UPDATE {table} SET {column[0]} = {other} WHERE {key} = {row}");
                Assert.True(AuditCheck.Of(Commands(file)).Broken is not null, $"{table}.{column[0]} of row {row} was changed, and nobody noticed.");
                changed.Rollback();
                Assert.Null(AuditCheck.Of(Commands(file)).Broken);
            }
        }
    }

    [Theory]
    [InlineData("DELETE FROM events WHERE position = 1", "position 2")]
    [InlineData("DELETE FROM events WHERE position = 2", "position 3")]
    [InlineData("DELETE FROM events WHERE position = 3", "ends at position 2, and once reached 3")]
    [InlineData("DELETE FROM events", "ends at position 0, and once reached 3")]
    [InlineData("UPDATE events SET position = 9 WHERE position = 1; UPDATE events SET position = 1 WHERE position = 2; UPDATE events SET position = 2 WHERE position = 9", "position 1")]
    [InlineData("INSERT INTO events SELECT 4, source_id, 4, zeroblob(16), type, subject, time, traceparent, tracestate, actor, data, link FROM events WHERE position = 3", "position 4")]
    [InlineData("INSERT INTO events SELECT 4, source_id, 4, zeroblob(16), type, subject, time, traceparent, tracestate, actor, data, NULL FROM events WHERE position = 3", "position 4")]
    [InlineData("UPDATE events SET link = NULL WHERE position = 1", "position 1")]
    [InlineData("UPDATE events SET link = NULL WHERE position = 2", "position 2")]
    [InlineData("UPDATE events SET link = NULL", "position 1")]
    [InlineData("UPDATE chains SET began_after = 2", "position 1")]
    [InlineData("DELETE FROM chains WHERE linked = 'events'", "not recorded")]
    [InlineData("UPDATE events SET type = 'case-openeds', subject = 'econd' WHERE position = 2", "position 2")]
    [InlineData("DELETE FROM operator_acts WHERE act_id = 2", "number 3")]
    [InlineData("DELETE FROM operator_acts WHERE act_id = 3", "ends at number 2, and once reached 3")]
    [InlineData("DELETE FROM operator_acts", "ends at number 0, and once reached 3")]
    [InlineData("UPDATE operator_acts SET link = NULL WHERE act_id = 1", "number 1")]
    [InlineData("UPDATE operator_acts SET link = NULL", "number 1")]
    [InlineData("DELETE FROM chains WHERE linked = 'operator_acts'", "not recorded")]
    public async Task Whoever_takes_out_swaps_slips_in_or_cuts_off_is_found(string change, string where)
    {
        using (var file = Open("municipalities")) Run(file, change);
        var found = Assert.Single((await VerifyAsync("municipalities")).Findings, finding => finding.Code == "ALTERED");
        Assert.Contains(where, found.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(found.Remedy);
    }

    [Fact]
    public async Task The_chain_goes_on_behind_what_was_rolled_back_and_behind_a_restart()
    {
        var store = _host.Notes.TenantStores.Get(_tenant);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            try
            {
                await store.WriteAsync(NotesHost.By("gm"), session =>
                {
                    Slices.AddNote(session, $"{i}");
                    return i % 3 == 0 ? throw new InvalidCastException() : i;
                });
            }
            catch (InvalidCastException)
            {
                // What it appended is gone.
            }
        }));
        Assert.Equal(3 + 26, (await VerifyAsync("municipalities")).Linked);

        await _host.DisposeAsync();
        _host = await StartAsync();
        await _host.AddAsync(_tenant, "after the restart");
        using var file = Open("municipalities");
        var check = AuditCheck.Of(Commands(file));
        Assert.Equal((3 + 26 + 1, null), (check.Linked, check.Broken));
    }

    [Fact]
    public async Task A_log_from_before_there_was_a_chain_is_linked_from_its_next_event_on()
    {
        await _host.DisposeAsync();
        using (var older = Open("municipalities"))
        {
            Run(older, "UPDATE events SET link = NULL; UPDATE operator_acts SET link = NULL");
            Run(older, "DROP TABLE chains; ALTER TABLE sources DROP COLUMN settled; PRAGMA user_version = 5001");
        }

        _host = await StartAsync();
        await _host.AddAsync(_tenant, "fourth");
        using var file = Open("municipalities");
        var check = AuditCheck.Of(Commands(file));
        Assert.Equal((1, null), (check.Linked, check.Broken));

        // The link that the chain began with is taken away too.
        Run(file, "UPDATE events SET link = NULL");
        Assert.Contains("position 4", AuditCheck.Of(Commands(file)).Broken, StringComparison.Ordinal);
    }

    private static void KeepWhatTheyReceive(ServiceDefinition<ReaderStore, ReaderPlatform> service)
    {
        service.KeepReceived = true;
        service.Tenant.On<CaseOpened>("municipalities", (_, received, session) => session.Store.Seen.Add(new Seen { Sequence = received.Sequence, Subject = received.Subject }));
    }

    private Task<VerifyStoreResponse> VerifyAsync(string service) =>
        _operator.VerifyStoreAsync(new VerifyStoreRequest { Service = service, Municipality = Amsterdam }).ResponseAsync;

    private SqliteConnection Open(string service)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, service, Amsterdam + ".db")};Mode=ReadWrite;Pooling=False");
        connection.Open();
        return connection;
    }

    private static Func<string, SqliteCommand> Commands(SqliteConnection file) => sql =>
    {
        var command = file.CreateCommand();
        command.CommandText = sql;
        return command;
    };

    private static void Run(SqliteConnection file, string sql) => Commands(file)(sql).ExecuteNonQuery();

    private static List<string> Rows(SqliteConnection file, string sql)
    {
        var rows = new List<string>();
        using var row = Commands(file)(sql).ExecuteReader();
        while (row.Read()) rows.Add(row.GetString(0));
        return rows;
    }
}
