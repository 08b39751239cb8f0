using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Operations;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>A backup or a restore for which the disk has no room is refused with that reason, and leaves no file on that disk.</summary>
public sealed class FullDiskTests : NotesTest
{
    private static readonly StoreName Name = new("things", TenantId.Parse(Amsterdam));

    private string Stores => Path.Combine(Folder, "things");

    private BackupFolder Backups => new(Path.Combine(Folder, "backups"), Path.Combine(Folder, "keys-kept"));

    [Fact]
    public async Task A_restore_that_finds_the_disk_full_says_so_and_leaves_nothing()
    {
        Directory.CreateDirectory(Stores);
        using var vault = KeyVault.Open(Folder, "things");
        Backup backup;
        using (var before = Handle(SchemaUpgrade.Older, vault))
        {
            before.Identity();
            backup = (await Operations(before).BackUpAsync(Call(new BackupStoreRequest()), Backups)).Backup;
        }

        foreach (var lost in Directory.GetFiles(Stores)) File.Delete(lost);
        using var store = Handle(SchemaUpgrade.Filling, vault);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            Assert.Equal(ErrorReason.StorageFull, await RefusedAsync(() => RestoreAsync(store, backup)));
            Assert.Empty(Directory.GetFiles(Stores));
        }

        // There is room again.
        using var roomy = Handle(SchemaUpgrade.Newer, vault);
        await RestoreAsync(roomy, backup);
        Assert.Equal(1L, roomy.Read(Caller.OfService("test"), session => session.Command("SELECT COUNT(*) FROM things").ExecuteScalar()));
    }

    [Fact]
    public void A_backup_that_cannot_be_finished_leaves_nothing_and_its_clean_up_hides_no_cause()
    {
        var full = new IOException("No space left on device", 28);
        foreach (var isRemovable in new[] { true, false })
        {
            var met = Assert.Throws<IOException>(() => Backups.Add(Name, "key", DateTimeOffset.UtcNow, path =>
            {
                File.WriteAllText(path, "half");
                File.WriteAllText(path + "-journal", "half");
                if (!isRemovable) Directory.CreateDirectory(Path.Combine(path + "-wal", "in use"));
                throw full;
            }, _ => { }));
            Assert.Same(full, met);
            Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "backups"), "*", SearchOption.AllDirectories));
        }

        // Copied, and then there is no room for its key.
        Assert.Same(full, Assert.Throws<IOException>(() => Backups.Add(Name, "key", DateTimeOffset.UtcNow, path =>
        {
            File.WriteAllText(path, "whole");
            return new StoreContents("source", 1, 1);
        }, _ => throw full)));
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "backups"), "*", SearchOption.AllDirectories));
    }

    private Task<RestoreStoreResponse> RestoreAsync(StoreHandle<NotesStore> store, Backup backup) =>
        Operations(store).RestoreAsync(Call(new RestoreStoreRequest()), Backups, backup.BackupId, "a test");

    private StoreHandle<NotesStore> Handle(SchemaScripts schema, KeyVault vault) => new(
        new StoreFile(Name, SchemaUpgrade.PathIn(Stores), schema, vault), new StoreSettings(TimeProvider.System),
        () => StorePresence.NotMade);

    private static StoreOperations<NotesStore, NotesStore, NotesPlatform> Operations(StoreHandle<NotesStore> store) =>
        new(store, inbox: null!, TimeProvider.System, () => Task.CompletedTask);

    private static OperatorCall Call(Google.Protobuf.IMessage request) =>
        new(request, Ids.New(), "/test", WriteInfo.Capture(Caller.OfService("operator")));
}
