using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>A store that is lost: who is registered is known again after a restore, and without a backup an operator says that it begins empty.</summary>
public sealed class LostStoreTests : OperatorTest
{
    [Fact]
    public async Task The_platform_store_is_restored_too_and_forgets_who_was_registered_since()
    {
        var backup = await BackUpAsync(municipality: "");
        await Host.RegisterAsync("GM0599");
        await RestoreAsync(backup, municipality: "");
        Assert.Equal([Tenant], Host.Notes.Tenants.All);
        Assert.Equal(ErrorReason.MunicipalityNotFound, await RefusedAsync(() => Host.AddAsync(TenantId.Parse("GM0599"), "a")));
        await Host.RegisterAsync("GM0599");
        await Host.AddAsync(TenantId.Parse("GM0599"), "a");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_platform_store_that_is_damaged_or_missing_at_the_start_is_in_quarantine_until_it_is_restored(bool missing)
    {
        var backup = await BackUpAsync(municipality: "");
        await Host.DisposeAsync();
        var file = Path.Combine(Folder, backup.Service, "platform.db");
        foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!, "platform.db*")) File.Delete(part);
        if (!missing) await File.WriteAllTextAsync(file, "no store", Cancel);

        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Host.Notes.RequireKnownAsync(Tenant, Cancel).AsTask()));
        await RestoreAsync(backup, municipality: "");
        Assert.Equal([Tenant], Host.Notes.Tenants.All);
        await Host.AddAsync(Tenant, "goes on");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_platform_store_that_is_lost_without_a_backup_begins_empty_once_an_operator_says_so(bool missing)
    {
        await Host.AddAsync(Tenant, "before");
        Assert.Equal(ErrorReason.StateForbids, await RefusedAsync(() => RestoreAsync(Nothing, municipality: "")));
        await Host.DisposeAsync();
        var file = Path.Combine(Folder, "municipalities", "platform.db");
        foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!, "platform.db*")) File.Delete(part);
        if (!missing) await File.WriteAllTextAsync(file, "no store", Cancel);
        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await AdmittedAsync());

        var begun = await RestoreAsync(Nothing, municipality: "");

        Assert.Equal((0, "", false), (begun.Position, begun.FormerSource, begun.HasLostEvents));
        Assert.Equal(missing, begun.ReplacedFile.Length == 0);
        Assert.Empty((await AsOperator.GetStatusAsync(new GetStatusRequest())).Quarantined);
        Assert.Equal(ErrorReason.MunicipalityNotFound, await AdmittedAsync());
        var act = Assert.Single((await AsOperator.ListOperatorActsAsync(new ListOperatorActsRequest())).Acts);
        Assert.Equal(("RESTORED", "none", "a test"), (act.Act, act.Subject, act.Reason));
        // Registered again, the municipality has its own store as it was.
        await Host.RegisterAsync(Amsterdam);
        await Host.AddAsync(Tenant, "after");
        Assert.Equal(["before", "after"], Host.Log(Tenant).Select(logged => logged.Event.Subject));
        // And so it is at the next start.
        await Host.DisposeAsync();
        await ServeOperatorAsync(register: false);
        await Host.AddAsync(Tenant, "again");
    }

    [Fact]
    public async Task A_municipality_s_store_that_is_lost_without_a_backup_begins_empty_and_reads_again_what_others_told()
    {
        await Host.AddAsync(Tenant, "told");
        await SeenAsync(Host, Tenant, 1);
        // Noted beside the call that made the store: without it nobody would know that it was ever there.
        await Eventually(
            () => Host.Readers.PlatformStore.Read(
                Caller.OfService("test"), session => session.Command("SELECT SUM(store_made) FROM tenants").ExecuteScalar()) is 1L,
            "it is noted that the store was made");
        await Host.DisposeAsync();
        foreach (var part in Directory.GetFiles(Path.Combine(Folder, "readers"), Amsterdam + ".db*")) File.Delete(part);
        await ServeOperatorAsync(register: false);
        await Eventually(() => Host.Readers.Quarantined.ContainsKey("readers/" + Amsterdam), "the loss is noticed");

        await AsOperator.RestoreStoreAsync(new RestoreStoreRequest
        {
            Service = "readers", Municipality = Amsterdam, BackupId = "none", Reason = "a test", RequestId = Ids.New().Text(),
        });

        await SeenAsync(Host, Tenant, 1);
        await Host.AddAsync(Tenant, "since");
        await SeenAsync(Host, Tenant, 2);
    }

    [Theory]
    [InlineData(true)] // a link to a disk that is not there
    [InlineData(false)] // a folder
    public async Task A_store_that_cannot_be_in_its_place_says_why_and_is_restored_once_it_can(bool link)
    {
        await Host.AddAsync(Tenant, "before");
        var backup = await BackUpAsync();
        await Host.DisposeAsync();
        var file = Path.Combine(Folder, "municipalities", Amsterdam + ".db");
        foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!, Amsterdam + ".db*")) File.Delete(part);
        if (link) File.CreateSymbolicLink(file, Path.Combine(Folder, "no-such-disk", "store.db"));
        else Directory.CreateDirectory(file);

        await ServeOperatorAsync(register: false);
        Assert.Equal(ErrorReason.StoreQuarantined, await RefusedAsync(() => Host.AddAsync(Tenant, "nowhere")));
        var why = link ? "mount its disk, or take the link away" : "is a folder: take it away";
        Assert.Contains(why, Host.Notes.Quarantined[$"municipalities/{Amsterdam}"], StringComparison.Ordinal);
        Assert.Equal(ErrorReason.StateForbids, await RefusedAsync(() => RestoreAsync(backup)));

        if (link) File.Delete(file);
        else Directory.Delete(file);
        Assert.Equal(backup.Position, (await RestoreAsync(backup)).Position);
        await Host.AddAsync(Tenant, "goes on");
    }

    private Task<ErrorReason> AdmittedAsync() => RefusedAsync(() => Host.Notes.RequireKnownAsync(Tenant, Cancel).AsTask());

    private static Backup Nothing => new() { BackupId = "none" };
}
