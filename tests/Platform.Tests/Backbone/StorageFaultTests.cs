using System.Diagnostics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Operations;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>The disk is full, broken, or not what it was: nobody is told OK by mistake, and the others go on.</summary>
public sealed class StorageFaultTests : NotesTest
{
    private const int Large = 400_000;
    private static readonly Caller Test = Caller.OfService("test");
    private NotesHost _host = null!;
    private TenantId _tenant;

    private StoreHandle<NotesStore> Store => _host.Notes.TenantStores.Get(_tenant);

    public override async ValueTask InitializeAsync()
    {
        _host = await StartAsync();
        _tenant = await _host.RegisterAsync(Amsterdam);
        await _host.AddAsync(_tenant, "before");
    }

    [Theory]
    [InlineData(true)] // prepared commands: SQLite takes the whole transaction with it
    [InlineData(false)] // EF Core, which wraps the error
    public async Task A_full_disk_fails_who_does_not_fit_and_nobody_else(bool prepared)
    {
        await LimitAsync(20);
        var runs = 0;
        var batch = await TogetherAsync(
            session => { runs++; return Slices.AddNote(session, "first"); },
            session =>
            {
                if (!prepared) return Slices.AddNote(session, new string('x', Large));
                session.Command("INSERT INTO notes (note_id, text, recorded_at, kind, version) VALUES ($id, $text, 0, 1, 1)")
                    .Set("$id", Ids.New().Bytes()).Set("$text", new string('x', Large)).ExecuteNonQuery();
                return Guid.Empty;
            },
            session => Slices.AddNote(session, "last"));

        Assert.Equal(ErrorReason.StorageFull, await RefusedAsync(() => batch[1]));
        Assert.True(batch[0].IsCompletedSuccessfully && batch[2].IsCompletedSuccessfully);
        // Its commit was lost with the neighbour's, so it ran again, alone.
        Assert.Equal(2, runs);
        Assert.Equal(["before", "first", "last"], _host.Log(_tenant).Select(logged => logged.Event.Subject));
        Assert.Equal([1, 2, 3], _host.Log(_tenant).Select(logged => logged.Event.Sequence));
        Assert.Null(Store.Quarantine);

        await LimitAsync(1_000_000);
        await _host.AddAsync(_tenant, new string('x', Large));
        Assert.Equal(4, _host.Log(_tenant)[^1].Event.Sequence);
    }

    [Fact]
    public async Task A_commit_that_fails_acknowledges_nobody_and_each_operation_runs_once_more_alone()
    {
        var batch = await TogetherAsync(
            session => Slices.AddNote(session, "first"),
            session =>
            {
                // A deferred foreign key: the operation passes, COMMIT does not.
                session.Command("INSERT INTO links (note_id) VALUES ($id)").Set("$id", Ids.New().Bytes()).ExecuteNonQuery();
                return Slices.AddNote(session, "dangling");
            },
            session => Slices.AddNote(session, "last"));

        await Assert.ThrowsAsync<SqliteException>(() => batch[1]);
        Assert.True(batch[0].IsCompletedSuccessfully && batch[2].IsCompletedSuccessfully);
        Assert.Equal(["before", "first", "last"], _host.Log(_tenant).Select(logged => logged.Event.Subject));
        Assert.Equal([1, 2, 3], _host.Log(_tenant).Select(logged => logged.Event.Sequence));
    }

    [Fact]
    public async Task Repeated_IO_errors_put_the_store_out_of_service_and_one_commit_counts_once()
    {
        static Guid Broken(WriteSession<NotesStore> _) => throw new SqliteException("disk I/O error", 10, 266);

        // Five at once are one bad commit; one that succeeds starts the count anew.
        await TogetherAsync(Broken, Broken, Broken, Broken, Broken);
        Assert.Null(Store.Quarantine);
        await _host.AddAsync(_tenant, "well again");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Null(Store.Quarantine);
            var told = i < 3 ? ErrorReason.StoreFailing : ErrorReason.StoreQuarantined;
            Assert.Equal(told, await RefusedAsync(() => Store.WriteAsync(NotesHost.By("gm"), Broken)));
        }

        Assert.NotNull(Store.Quarantine);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_tenant, "after")));
        var other = await _host.RegisterAsync("GM0599");
        await _host.AddAsync(other, "elsewhere");
        Assert.Contains($"municipalities/{Amsterdam}", _host.Notes.Quarantined.Keys);
    }

    [Fact]
    public void What_a_read_met_is_told_as_it_is_and_counts_against_the_store()
    {
        static bool Broken(ReadSession<NotesStore> session)
        {
            // SQLite ends the transaction by itself at an I/O error.
            session.Command("ROLLBACK").ExecuteNonQuery();
            throw new SqliteException("disk I/O error", 10, 266);
        }

        for (var i = 1; i <= 2; i++)
        {
            Assert.Contains("266", Transient(() => Store.Read(Test, Broken)), StringComparison.Ordinal);
            // An error of the statement is no sign of health.
            Assert.Throws<SqliteException>(() => Store.Read(Test, session => session.Command("SELECT * FROM nowhere").ExecuteScalar()));
            Assert.Null(Store.Quarantine);
        }

        Assert.Equal(ErrorReason.StoreQuarantined, Assert.Throws<RefusalException>(() => Store.Read(Test, Broken)).Refusal.Reason);
        Assert.Contains("266", Store.Quarantine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)] // SQLITE_BUSY
    [InlineData(14)] // SQLITE_CANTOPEN
    public async Task What_may_pass_is_told_as_something_that_may_pass_and_puts_nothing_out_of_service(int code)
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Contains($"{code}", Transient(() => Store.Read<bool>(Test, _ => throw new SqliteException("a fault", code, code))), StringComparison.Ordinal);
            Assert.Equal(ErrorReason.StoreFailing, await RefusedAsync(() => Store.WriteAsync<bool>(NotesHost.By("gm"), _ => throw new SqliteException("a fault", code, code))));
        }

        Assert.Null(Store.Quarantine);
        await _host.AddAsync(_tenant, "well again");
    }

    [Fact]
    public async Task A_flush_that_failed_once_puts_the_store_out_of_service_although_the_next_one_succeeds()
    {
        var tries = 0;
        var told = await RefusedAsync(() => Store.WriteAsync(NotesHost.By("gm"), session =>
        {
            if (tries++ > 0) return Slices.AddNote(session, "behind what was lost");
            // As after a COMMIT that failed.
            session.Command("ROLLBACK").ExecuteNonQuery();
            throw new SqliteException("disk I/O error", 10, 1034);
        }));
        Assert.Equal((ErrorReason.StoreQuarantined, 1), (told, tries));
        Assert.Contains("1034", Store.Quarantine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flush_that_failed_puts_the_store_out_of_service_at_the_first_time()
    {
        // Linux takes the pages for written from then on: a second flush succeeds and means nothing.
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Store.WriteAsync<bool>(NotesHost.By("gm"), _ => throw new SqliteException("disk I/O error", 10, 1034))));
        Assert.Contains("its disk fails (SQLite reports 1034)", Store.Quarantine, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_of_the_disk_beside_SQLite_counts_as_one()
    {
        using var vault = KeyVault.Open(Folder, "things");
        var file = new StoreFile(new StoreName("things", _tenant), Path.Combine(Folder, "no-such-folder", "GM0363.db"), SchemaUpgrade.Older, vault);
        using var store = new StoreHandle<NotesStore>(file, new StoreSettings(TimeProvider.System), () => StorePresence.NotMade);
        for (var i = 1; i < 3; i++)
        {
            Transient(() => store.Identity());
            Assert.Null(store.Quarantine);
        }

        Assert.Equal(ErrorReason.StoreQuarantined, Assert.Throws<RefusalException>(() => store.Identity()).Refusal.Reason);

        Assert.Contains("its disk fails", store.Quarantine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_closes_others_when_it_opens_is_given_back_also_when_that_fails()
    {
        var fails = 0;
        Store.OneMoreIsOpen = () =>
        {
            fails++;
            throw new InvalidOperationException("Another store does not close.");
        };
        // Whatever else of the host uses the store may open it meanwhile.
        Assert.True(SpinWait.SpinUntil(() => Store.TryClose() && Record.Exception(() => Store.Identity()) is InvalidOperationException, TimeSpan.FromSeconds(10)));
        Assert.NotEqual(0, fails);
        Store.OneMoreIsOpen = null;
        Assert.True(SpinWait.SpinUntil(Store.TryClose, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_store_whose_opening_hangs_holds_up_neither_others_nor_the_status_nor_the_stop()
    {
        var other = await _host.RegisterAsync("GM0599");
        using var disk = new ManualResetEventSlim();
        using var opening = new ManualResetEventSlim();
        var cancel = Cancel;
        Store.Opened = () =>
        {
            opening.Set();
            disk.Wait(TimeSpan.FromSeconds(60), cancel);
        };
        Assert.True(SpinWait.SpinUntil(Store.TryClose, TimeSpan.FromSeconds(10)));
        var first = Task.Run(() => Store.Identity(), cancel);
        Assert.True(opening.Wait(TimeSpan.FromSeconds(30), cancel));

        var watch = Stopwatch.StartNew();
        var told = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RefusedAsync(() => Task.Run(() => Store.Identity(), cancel))));
        Assert.Equal([ErrorReason.StoreFailing], told.Distinct());
        await _host.AddAsync(other, "goes on");
        var status = await ServiceStatus.OfAsync(_host.Notes, _host.Services.GetRequiredService<EventTransport>(), TimeProvider.System, cancel);
        Assert.Contains(status.Unreadable, store => store.Store == $"municipalities/{Amsterdam}");
        await _host.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(40), $"It took {watch.Elapsed}.");
        disk.Set();
        await first.WaitAsync(TimeSpan.FromSeconds(30), cancel);
        _host = await StartAsync();
    }

    [Fact]
    public async Task A_backup_that_meets_a_damaged_page_puts_the_store_out_of_service()
    {
        await _host.AddAsync(_tenant, "as it was written");
        await _host.DisposeAsync();
        var path = Path.Combine(Folder, "municipalities", Amsterdam + ".db");
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        for (var at = bytes.AsSpan().IndexOf("as it was written"u8); at >= 0 && bytes[at] == 'a'; at = bytes.AsSpan().IndexOf("as it was written"u8)) bytes[at] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        _host = await StartAsync();
        var refused = Assert.Throws<RefusalException>(() => Store.BackUp(Path.Combine(Folder, "backup.db")));
        Assert.Equal(ErrorReason.StoreQuarantined, refused.Refusal.Reason);
        Assert.Contains("its file is damaged", Store.Quarantine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_read_leaves_its_connection_to_the_next()
    {
        var sessions = new HashSet<ReadSession<NotesStore>>();
        for (var i = 0; i < 50; i++)
        {
            Assert.Throws<RefusalException>(() => Store.Read(Test, session =>
            {
                sessions.Add(session);
                // Left half-way.
                session.Statement("SELECT note_id FROM notes").Step();
                return session.Store.Notes.Find(Ids.New()) ?? throw Refusal.NotFound("note").ToException();
            }));
        }

        // Who follows the store reads beside.
        Assert.InRange(sessions.Count, 1, 5);
        await _host.AddAsync(_tenant, "after");
        Assert.Equal(2, Store.Read(Test, session => session.Store.Notes.Count()));
    }

    [Fact]
    public void A_disk_that_is_full_for_files_beside_SQLite_is_full()
    {
        var error = Assert.ThrowsAny<IOException>(() =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            full.Write(new byte[1]);
        });
        Assert.True(StorageFaults.IsFull(error) && StorageFaults.IsStorage(error));
        Assert.False(StorageFaults.IsStorage(new IOException("The network is gone.")));
    }

    [Fact]
    public async Task Damage_is_noticed_by_the_first_call_that_meets_it_and_none_is_served_from_then_on()
    {
        static Guid Meets(WriteSession<NotesStore> _) => throw new SqliteException("database disk image is malformed", 11, 11);

        await _host.AddAsync(_tenant, "met no damage");
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Store.WriteAsync(NotesHost.By("gm"), Meets)));
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_tenant, "after")));
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Task.Run(() => _host.Log(_tenant), Cancel)));
        var stores = (await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Entries["stores"];
        Assert.Equal((HealthStatus.Degraded, $"Stores out of service: municipalities/{Amsterdam}."), (stores.Status, stores.Description));
    }

    [Theory]
    [InlineData(0)] // no SQLite file any more
    [InlineData(4096)] // a header, and nothing sound behind it
    public async Task A_damaged_file_is_put_out_of_service_and_the_other_municipalities_go_on(int from)
    {
        var other = await _host.RegisterAsync("GM0599");
        await _host.AddAsync(other, "fine");
        await _host.DisposeAsync();
        var path = Path.Combine(Folder, "municipalities", Amsterdam + ".db");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            var garbage = new byte[file.Length - from];
            new Random(7).NextBytes(garbage);
            file.Seek(from, SeekOrigin.Begin);
            file.Write(garbage);
        }

        _host = await StartAsync();
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_tenant, "lost?")));
        Assert.NotNull(Store.Quarantine);
        await _host.AddAsync(other, "still fine");
        Assert.Equal(2, _host.Log(other).Count);
    }

    /// <summary>Who asks is told to come back, and why.</summary>
    private static string Transient(Action act)
    {
        var refusal = Assert.Throws<RefusalException>(act).Refusal;
        Assert.Equal((ErrorReason.StoreFailing, true), (refusal.Reason, refusal.IsTransient));
        return refusal.Message;
    }

    /// <summary>Limits the file to so many pages more than it has: the portable way to fill a disk.</summary>
    private Task LimitAsync(long pages) => Store.WriteAsync(NotesHost.By("gm"), session =>
    {
        var has = (long)session.Command("PRAGMA page_count").ExecuteScalar()!;
        return session.Command($"PRAGMA max_page_count = {has + pages}").ExecuteScalar();
    });

    /// <summary>Runs operations in one commit; settled when it returns.</summary>
    private async Task<List<Task<Guid>>> TogetherAsync(params Func<WriteSession<NotesStore>, Guid>[] operations)
    {
        using var open = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var first = Store.WriteAsync(NotesHost.By("gm"), _ =>
        {
            running.Set();
            return open.Wait(TimeSpan.FromSeconds(20));
        });
        running.Wait(Cancel);
        var batch = operations.Select(operation => Store.WriteAsync(NotesHost.By("gm"), operation)).ToList();
        open.Set();
        await first;
        await Task.WhenAll(batch.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        return batch;
    }
}
