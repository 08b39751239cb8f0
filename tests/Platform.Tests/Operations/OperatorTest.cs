using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>A municipality's store, and an operator who backs it up and restores it.</summary>
public abstract class OperatorTest : NotesTest
{
    private protected NotesHost Host { get; private set; } = null!;

    protected TenantId Tenant { get; private set; }

    protected OperationsService.OperationsServiceClient AsOperator { get; private set; } = null!;

    public override async ValueTask InitializeAsync() => await ServeOperatorAsync(register: true);

    protected async Task ServeOperatorAsync(bool register)
    {
        Host = await ServeAsync();
        Tenant = register ? await Host.RegisterAsync(Amsterdam) : TenantId.Parse(Amsterdam);
        AsOperator = new OperationsService.OperationsServiceClient(Operator(Host));
    }

    protected async Task<Backup> BackUpAsync(Guid? key = null, string? municipality = null) => (await AsOperator.BackupStoreAsync(
        new BackupStoreRequest { Municipality = municipality ?? Amsterdam, RequestId = (key ?? Ids.New()).Text() })).Backup;

    protected Task<RestoreStoreResponse> RestoreAsync(Backup backup, Guid? key = null, string? municipality = null) =>
        AsOperator.RestoreStoreAsync(Restore(backup, key ?? Ids.New(), municipality)).ResponseAsync;

    protected static RestoreStoreRequest Restore(Backup backup, Guid key, string? municipality = null) =>
        new() { Municipality = municipality ?? Amsterdam, BackupId = backup.BackupId, Reason = "a test", RequestId = key.Text() };
}
