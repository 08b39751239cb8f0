using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>One municipality never reads another's store, and a store that was there is never replaced by an empty one.</summary>
public sealed class IsolationTests : NotesTest
{
    private const string Other = "GM0599";
    private NotesHost _host = null!;
    private TenantId _amsterdam;
    private TenantId _other;

    private string File(string code) => Path.Combine(Folder, "municipalities", code + ".db");

    public override async ValueTask InitializeAsync()
    {
        _host = await StartAsync();
        _amsterdam = await _host.RegisterAsync(Amsterdam);
        _other = await _host.RegisterAsync(Other);
        await _host.AddAsync(_amsterdam, "of Amsterdam");
        await _host.AddAsync(_other, "of the other");
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_file_under_another_municipalitys_name_is_refused_and_left_as_it_is()
    {
        System.IO.File.Copy(File(Amsterdam), File(Other), overwrite: true);
        var before = await System.IO.File.ReadAllBytesAsync(File(Other), Cancel);
        _host = await StartAsync();

        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_other, "x")));
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Task.FromResult(_host.Log(_other))));
        Assert.Contains("not this store's", _host.Notes.Quarantined[$"municipalities/{Other}"], StringComparison.Ordinal);
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File(Other), Cancel));
        Assert.Single(_host.Log(_amsterdam));
    }

    [Fact]
    public async Task A_file_that_is_missing_after_it_existed_is_not_made_anew()
    {
        System.IO.File.Delete(File(Other));
        _host = await StartAsync();

        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_other, "x")));
        Assert.False(System.IO.File.Exists(File(Other)));
        await _host.AddAsync(_amsterdam, "goes on");
    }

    [Fact]
    public async Task An_empty_file_is_no_store()
    {
        await System.IO.File.WriteAllBytesAsync(File(Other), [], Cancel);
        _host = await StartAsync();

        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => _host.AddAsync(_other, "x")));
        Assert.Equal(0, new FileInfo(File(Other)).Length);
    }

    [Fact]
    public async Task Nobody_makes_a_store_for_a_municipality_that_is_not_registered()
    {
        _host = await StartAsync();
        var unknown = TenantId.Parse("GM9999");

        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => _host.AddAsync(unknown, "x")));
        Assert.False(System.IO.File.Exists(File("GM9999")));
        // Asking for it too early does not spoil it for later.
        await _host.RegisterAsync("GM9999");
        await _host.AddAsync(unknown, "x");
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused_with_what_to_do()
    {
        await SetVersionAsync(File(Other), 9002);
        _host = await StartAsync();
        var refused = await Assert.ThrowsAsync<RefusalException>(() => _host.AddAsync(_other, "x"));
        Assert.Equal(ErrorReason.StoreQuarantined, refused.Refusal.Reason);
        Assert.Contains("it has schema 9002, newer than the 9001 of this program; start the newer program", refused.Message, StringComparison.Ordinal);
        await _host.AddAsync(_amsterdam, "goes on");
        await _host.DisposeAsync();

        // The platform store is everybody's: without it nobody is served, nor told that there is no such municipality.
        await SetVersionAsync(Path.Combine(Folder, "municipalities", "platform.db"), 9002);
        _host = await StartAsync();
        refused = await Assert.ThrowsAsync<RefusalException>(async () => await _host.Notes.RequireKnownAsync(_amsterdam, Cancel));
        Assert.Equal(ErrorReason.StoreQuarantined, refused.Refusal.Reason);
        Assert.Contains("start the newer program", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_key_is_not_replaced_by_one_that_opens_nothing()
    {
        var key = Path.Combine(Folder, "keys", "municipalities.key");
        System.IO.File.Move(key, key + ".away");
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => StartAsync());
        Assert.Contains("Restore it from a backup", refused.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(key));

        System.IO.File.Move(key + ".away", key);
        _host = await StartAsync();
        Assert.Single(_host.Log(_other));
    }

    [Fact]
    public async Task Files_and_keys_are_their_owners_alone()
    {
        const UnixFileMode open = (UnixFileMode)0b111_101_101, closed = (UnixFileMode)0b111_000_000;
        // As a program from before, or a copy, leaves them.
        foreach (var folder in new[] { "municipalities", "keys" }) System.IO.File.SetUnixFileMode(Path.Combine(Folder, folder), open);
        _host = await StartAsync();
        foreach (var folder in new[] { "", "municipalities", "readers", "keys" })
            Assert.Equal(closed, System.IO.File.GetUnixFileMode(Path.Combine(Folder, folder)));
        await _host.AddAsync(_amsterdam, "wal");
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var files = Directory.EnumerateFiles(Folder, "*.db*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(Folder, "keys"))).ToList();
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => (System.IO.File.GetUnixFileMode(file) & others) != 0);
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused_within_a_second_and_told_what_to_do()
    {
        _host = await StartAsync();
        await using var second = ChildProcess.Start("follow", Folder);
        var answer = await second.ReadLineAsync(Cancel);
        Assert.NotNull(answer);
        Assert.StartsWith("REFUSED ", answer, StringComparison.Ordinal);
        Assert.Contains("is in use by another process. Stop that one, or give this one another folder (Data__Folder, in Host --data).", answer, StringComparison.Ordinal);
        Assert.InRange(int.Parse(answer.Split(' ')[1]), 0, 1000);
        Assert.Equal(1, await second.ExitAsync(Cancel));
        await _host.AddAsync(_amsterdam, "undisturbed");
    }

    private static async Task SetVersionAsync(string path, int version)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadWrite;Pooling=False");
        connection.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA user_version = {version}";
        command.ExecuteNonQuery();
    }
}
