using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A page that is not what was written is never read: in a store's file, in its write-ahead log, in a backup of it.</summary>
public sealed class CheckedFilesTests : NotesTest
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
    [InlineData("-wal", "gone", "is missing")]
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
        foreach (var path in new[] { Store, backup })
        {
            var bytes = File.ReadAllBytes(path);
            for (var at = 0; at < bytes.Length; at += Page) Assert.True(PageCheck.Holds(bytes.AsSpan(at, Page), (at / Page) + 1), $"{path}, page {(at / Page) + 1}");
        }

        var damaged = File.ReadAllBytes(backup);
        damaged[damaged.AsSpan().IndexOf("CREATE TABLE events"u8)] ^= 1;
        File.WriteAllBytes(backup, damaged);
        Assert.Throws<InvalidDataException>(() => file.PrepareRestore(backup, keyCopy: ""));
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
