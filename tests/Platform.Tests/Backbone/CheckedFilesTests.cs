using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A page that is not what was written is never read: in a store's file, in its write-ahead log, in a backup of it.</summary>
public sealed partial class CheckedFilesTests : NotesTest
{
    private const int Page = 4096;

    private string Store => SchemaUpgrade.PathIn(Folder);

    [Fact]
    public void Every_flipped_bit_of_a_page_is_found_and_a_page_in_another_one_s_place()
    {
        var page = new byte[Page];
        new Random(1).NextBytes(page);
        PageCheck.Write(page, 7);
        Assert.True(PageCheck.Holds(page, 7));
        Assert.False(PageCheck.Holds(page, 8));
        Assert.False(PageCheck.Holds(new byte[Page], 7));
        for (var bit = 0; bit < 8 * Page; bit++)
        {
            page[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(PageCheck.Holds(page, 7), $"Bit {bit} was not found.");
            page[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task A_flipped_bit_in_a_text_puts_the_store_out_of_service_before_anybody_reads_it()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "as it was written");
        await host.DisposeAsync();
        var path = Path.Combine(Folder, "municipalities", Amsterdam + ".db");
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        for (var at = bytes.AsSpan().IndexOf("as it was written"u8); at >= 0 && bytes[at] == 'a'; at = bytes.AsSpan().IndexOf("as it was written"u8)) bytes[at] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        host = await StartAsync();
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Task.Run(() => host.Log(tenant), Cancel)));
        Assert.Contains($"bw restore {Amsterdam} --service municipalities", host.Notes.Quarantined[$"municipalities/{Amsterdam}"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_deleted_while_it_is_open_takes_no_more_writes()
    {
        var host = await StartAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.AddAsync(tenant, "before");
        File.Delete(Path.Combine(Folder, "municipalities", Amsterdam + ".db"));
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => host.AddAsync(tenant, "into nothing")));
        Assert.Contains("deleted or replaced", host.Notes.TenantStores.Get(TenantId.Parse(Amsterdam)).Quarantine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "whole", null)]
    [InlineData("-wal", "cut", "is damaged")]
    [InlineData("-wal", "flipped", "is damaged")]
    [InlineData("-wal", "gone", "is missing, and with it what was recorded last")]
    [InlineData("-shm", "gone", null)] // SQLite makes it anew
    [InlineData("-mark", "gone", null)] // nothing is known, and nothing is wrong
    [InlineData("-mark", "flipped", null)]
    public void A_write_ahead_log_that_lost_commits_is_refused(string part, string how, string? why)
    {
        var killed = Killed(rows: 50);
        var path = killed + part;
        if (how == "gone") File.Delete(path);
        if (how is "cut" or "flipped")
        {
            var bytes = File.ReadAllBytes(path);
            if (how == "flipped") bytes[bytes.Length / 2] ^= 8;
            File.WriteAllBytes(path, how == "cut" ? bytes[..(bytes.Length / 2)] : bytes);
        }

        if (why is null)
        {
            using var opened = Open(killed);
            Assert.Equal(51L, Number(opened, "SELECT COUNT(*) FROM things"));
            return;
        }

        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => Open(killed)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(killed + "-mark"));
    }

    [Fact]
    public void What_another_program_wrote_from_the_log_into_the_store_has_no_checks_and_is_served_by_nobody()
    {
        var killed = Killed(rows: 50);
        using (var other = new SqliteConnection($"Data Source=file:{killed}?vfs=unix;Pooling=False"))
        {
            other.Open();
            Assert.Equal(51L, Number(other, "SELECT COUNT(*) FROM things"));
        }

        Assert.False(File.Exists(killed + "-wal"));
        Assert.Contains("restore the store from a backup", Assert.Throws<InvalidDataException>(() => Open(killed)).Message, StringComparison.Ordinal);
        // Not to be got round by taking the mark away.
        File.Delete(killed + "-mark");
        var met = Assert.ThrowsAny<Exception>(() =>
        {
            using var opened = Open(killed);
            Number(opened, "SELECT COUNT(*) FROM things");
        });
        Assert.True(StorageFaults.IsDamage(met), met.ToString());
    }

    [Fact]
    public void A_store_that_was_closed_leaves_neither_log_nor_mark()
    {
        using (var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Older))
        {
            SchemaScripts.Execute(open, "INSERT INTO things VALUES (8)");
            Assert.True(File.Exists(Store + "-mark"));
        }

        Assert.Equal([Store], Directory.GetFiles(Folder, "GM*"));
    }

    [Fact]
    public void A_log_that_begins_anew_asks_for_nothing_of_before()
    {
        using var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Older);
        for (var i = 100; i < 200; i++) SchemaScripts.Execute(open, $"INSERT INTO things VALUES ({i})");
        SchemaScripts.Execute(open, "PRAGMA wal_checkpoint(RESTART)");
        // Not flushed: the mark is still that of the log of before.
        SchemaScripts.Execute(open, "PRAGMA synchronous = NORMAL; INSERT INTO things VALUES (200)");
        using var copy = Open(Copied());
        Assert.Equal(102L, Number(copy, "SELECT COUNT(*) FROM things"));
    }

    [Fact]
    public void A_transaction_that_outgrows_the_cache_reads_what_it_wrote_and_so_does_everybody_after_it()
    {
        using var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Newer);
        SchemaScripts.Execute(open, "PRAGMA cache_size = 5; PRAGMA cache_spill = 1");
        for (var round = 0; round < 3; round++)
        {
            SchemaScripts.Execute(open, "BEGIN; SAVEPOINT one");
            for (var i = 0; i < 2000; i++) SchemaScripts.Execute(open, $"INSERT OR REPLACE INTO things VALUES ({i * 7919 % 3000}, '{new string((char)('a' + round), 300)}')");
            // Pages that lie in the log already are written again in their place.
            SchemaScripts.Execute(open, $"UPDATE things SET name = name || '{round}'; SAVEPOINT two; UPDATE things SET name = 'undone'; ROLLBACK TO two");
            Assert.Equal(0L, Number(open, "SELECT COUNT(*) FROM things WHERE name = 'undone'"));
            SchemaScripts.Execute(open, round == 1 ? "ROLLBACK" : "COMMIT");
            using var reader = new SqliteConnection($"Data Source={Store};Mode=ReadWrite;Pooling=False");
            reader.Open();
            Assert.Equal("ok", Text(reader, "PRAGMA integrity_check"));
        }

        SchemaScripts.Execute(open, "PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.Equal("ok", Text(open, "PRAGMA integrity_check"));
        using var copy = Open(Copied());
        Assert.Equal(Number(open, "SELECT COUNT(*) FROM things"), Number(copy, "SELECT COUNT(*) FROM things"));
    }

    [Fact]
    public void Pages_that_are_given_up_carry_checks_too_also_in_a_backup_and_a_damaged_backup_is_refused()
    {
        using (var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Newer))
        {
            for (var i = 100; i < 1100; i++) SchemaScripts.Execute(open, $"INSERT INTO things VALUES ({i}, 'somebody {i}')");
            SchemaScripts.Execute(open, "DELETE FROM things WHERE thing_id >= 100");
            Assert.True(Number(open, "PRAGMA freelist_count") > 0);
        }

        using var vault = KeyVault.Open(Folder, "things");
        var file = FileAt(Store, vault);
        var backup = Path.Combine(Folder, "backup.db");
        file.BackUp(backup);
        foreach (var path in new[] { Store, backup }) RequireChecks(path);

        var damaged = File.ReadAllBytes(backup);
        damaged[damaged.AsSpan().IndexOf("CREATE TABLE events"u8)] ^= 1;
        File.WriteAllBytes(backup, damaged);
        Assert.Throws<InvalidDataException>(() => file.PrepareRestore(backup, keyCopy: ""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // a predecessor was killed after it rewrote the file
    public void A_file_that_was_upgraded_has_its_checks_also_when_a_reader_kept_its_first_page_out_of_the_checkpoint(bool killed)
    {
        var path = Upgraded();
        using var vault = KeyVault.Open(Folder, "things");
        if (killed)
        {
            using var predecessor = Open(path);
            path = Copied();
        }

        var file = FileAt(path, vault);
        using (var writer = Open(path))
        {
            using (var reader = file.OpenForReading())
            {
                SchemaScripts.Execute(reader, "BEGIN; SELECT COUNT(*) FROM things");
                SchemaScripts.Execute(writer, "CREATE TABLE later (later_id INTEGER PRIMARY KEY) STRICT; PRAGMA wal_checkpoint(PASSIVE)");
                SchemaScripts.Execute(reader, "COMMIT");
            }

            SchemaScripts.Execute(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        RequireChecks(path);
        using var again = Open(path);
        Assert.Equal(5001L, Number(again, "SELECT COUNT(*) FROM things"));
    }

    [Fact]
    public void A_file_of_a_newer_program_is_named_so_also_when_it_has_no_checks()
    {
        SchemaUpgrade.Open(Folder, SchemaUpgrade.Older).Dispose();
        UncheckedFile.Make(Store, version: 99_001);
        Assert.Contains("newer than", Assert.Throws<InvalidDataException>(() => Open(Store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_file_is_upgraded_with_its_copy_beside_it_and_not_in_memory()
    {
        const int Megabytes = 80;
        var path = Upgraded();
        using (var before = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            before.Open();
            SchemaScripts.Execute(before, "PRAGMA synchronous = OFF; CREATE TABLE large (bytes BLOB)");
            for (var i = 0; i < Megabytes; i++) SchemaScripts.Execute(before, "INSERT INTO large VALUES (randomblob(1000000))");
        }

        var made = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(Folder, "etilqs_*");
        watcher.Created += (_, _) => made.TrySetResult();
        watcher.EnableRaisingEvents = true;
        using (var open = Open(path))
        {
            await made.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            Assert.Equal((long)Megabytes, Number(open, "SELECT COUNT(*) FROM large"));
            Assert.Equal("", Text(open, "PRAGMA temp_store_directory") ?? "");
        }

        RequireChecks(path);
    }

    [Fact]
    public void A_file_for_whose_copy_the_disk_has_no_room_is_not_begun()
    {
        var path = Upgraded();
        var before = File.ReadAllBytes(path);
        // It is not written: it takes no room.
        using (var file = new FileStream(path, FileMode.Open)) file.SetLength(new DriveInfo(Folder).AvailableFreeSpace / Page * Page);
        Assert.True(StorageFaults.IsFull(Assert.Throws<SqliteException>(() => Open(path))));
        using (var file = new FileStream(path, FileMode.Open)) file.SetLength(before.Length);
        Assert.Equal(before, File.ReadAllBytes(path));
        using var open = Open(path);
        Assert.Equal(5001L, Number(open, "SELECT COUNT(*) FROM things"));
    }

    [Fact]
    public void Events_of_a_store_whose_log_lost_commits_are_not_counted_and_the_store_stays_as_it_is()
    {
        var killed = Killed(rows: 50);
        var log = File.ReadAllBytes(killed + "-wal");
        log[log.Length / 2] ^= 8;
        File.WriteAllBytes(killed + "-wal", log);
        using var vault = KeyVault.Open(Folder, "things");
        var file = FileAt(killed, vault);
        file.PrepareEmpty();
        Assert.Null(file.CountMissing());
        Assert.Equal(log, File.ReadAllBytes(killed + "-wal"));
        Assert.Throws<InvalidDataException>(() => Open(killed));
    }

    [Theory]
    [InlineData("cut", 11)]
    [InlineData("gone", 8)]
    [InlineData("flipped", 11)]
    public void A_reader_that_comes_later_finds_that_the_file_is_not_what_it_was(string how, int code)
    {
        using var writer = Open(Closed());
        SchemaScripts.Execute(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
        if (how != "flipped") SchemaScripts.Execute(writer, "INSERT INTO things (thing_id) VALUES (8)");
        using var vault = KeyVault.Open(Folder, "things");
        var bytes = File.ReadAllBytes(Store);
        bytes[PageCheck.Place] ^= PageCheck.Size;
        if (how == "gone") File.Delete(Store);
        else File.WriteAllBytes(Store, how == "cut" ? [] : bytes);
        var error = Assert.Throws<SqliteException>(() => FileAt(Store, vault).OpenForReading());
        Assert.Equal(code, error.SqliteErrorCode);
        Assert.True(StorageFaults.IsDamage(error));
        Assert.True(File.Exists(Store + "-wal"));
    }

    [Fact]
    public void The_log_of_a_store_that_was_cut_to_nothing_is_kept()
    {
        var killed = Killed(rows: 50);
        File.WriteAllBytes(killed, []);
        Assert.True(StorageFaults.IsDamage(Assert.Throws<SqliteException>(() => Open(killed))));
        Assert.True(File.Exists(killed + "-wal"));
    }

    [Fact]
    public void A_log_beside_a_file_to_which_a_link_leads_is_looked_at_and_goes_with_the_file_that_is_replaced()
    {
        var killed = Killed(rows: 50);
        var link = Path.Combine(Folder, "link.db");
        File.CreateSymbolicLink(link, Path.GetRelativePath(Folder, killed));
        var log = File.ReadAllBytes(killed + "-wal");
        File.WriteAllBytes(killed + "-wal", log[..(log.Length / 2)]);
        Assert.Contains("is damaged", Assert.Throws<InvalidDataException>(() => Open(link)).Message, StringComparison.Ordinal);

        using var vault = KeyVault.Open(Folder, "things");
        var file = FileAt(link, vault);
        file.PrepareEmpty();
        var kept = Path.Combine(Folder, "replaced", "kept.db");
        file.Replace(kept);
        Assert.Equal(["kept.db", "kept.db-mark", "kept.db-shm", "kept.db-wal"], Directory.GetFiles(Path.GetDirectoryName(kept)!).Select(Path.GetFileName).Order());
        Assert.Equal([killed], Directory.GetFiles(Path.GetDirectoryName(killed)!));
        Assert.NotNull(new FileInfo(link).LinkTarget);
        using var opened = Open(link);
        Assert.Equal(1L, Number(opened, "SELECT COUNT(*) FROM things"));
    }

    [Fact]
    public void A_page_that_is_written_again_right_after_it_was_written_is_read_back()
    {
        using var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Newer);
        SchemaScripts.Execute(open, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1");
        for (var i = 100; i < 400; i++) SchemaScripts.Execute(open, $"INSERT INTO things VALUES ({i}, '{new string('a', 900)}')");
        var random = new Random(3);
        for (var round = 0; round < 20; round++)
        {
            SchemaScripts.Execute(open, "BEGIN");
            for (var i = 0; i < 200; i++)
            {
                var thing = random.Next(2) == 0 ? random.Next(100, 110) : random.Next(100, 400);
                SchemaScripts.Execute(open, $"UPDATE things SET name = '{new string((char)('a' + round), 900)}' WHERE thing_id = {thing}; SELECT COUNT(name) FROM things WHERE thing_id % 7 = {i % 7}");
            }

            SchemaScripts.Execute(open, "COMMIT");
        }

        Assert.Equal("ok", Text(open, "PRAGMA integrity_check"));
    }

    /// <summary>A store that was closed.</summary>
    private string Closed()
    {
        SchemaUpgrade.Open(Folder, SchemaUpgrade.Older).Dispose();
        return Store;
    }

    /// <summary>A store of a program from before the checks, of more than a few pages.</summary>
    private string Upgraded()
    {
        using (var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Older))
        {
            SchemaScripts.Execute(open, "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 5999) INSERT INTO things SELECT i FROM n");
        }

        UncheckedFile.Make(Store, version: 8001);
        return Store;
    }

    private static void RequireChecks(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length; at += Page) Assert.True(PageCheck.Holds(bytes.AsSpan(at, Page), (at / Page) + 1), $"{path}, page {(at / Page) + 1}");
    }

    private static StoreFile FileAt(string path, KeyVault vault) =>
        new(new StoreName("things", TenantId.Parse("GM0363")), path, SchemaUpgrade.Newer, vault);

    /// <summary>The files of a store as a kill leaves them, beside the store.</summary>
    private string Killed(int rows)
    {
        using var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Older);
        for (var i = 100; i < 100 + rows; i++) SchemaScripts.Execute(open, $"INSERT INTO things VALUES ({i})");
        return Copied();
    }

    private string Copied()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "killed")).FullName;
        foreach (var part in Directory.GetFiles(Folder, "GM*")) File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
        return SchemaUpgrade.PathIn(folder);
    }

    private SqliteConnection Open(string path)
    {
        using var vault = KeyVault.Open(Folder, "things");
        var (connection, _, _, keys) = FileAt(path, vault).OpenForWriting();
        keys.Dispose();
        return connection;
    }

    private static long Number(SqliteConnection connection, string sql) => (long)Scalar(connection, sql)!;

    private static string? Text(SqliteConnection connection, string sql) => Scalar(connection, sql) as string;

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
