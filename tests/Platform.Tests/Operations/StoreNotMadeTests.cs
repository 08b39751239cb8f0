using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.OperationsTests;

public sealed class StoreNotMadeTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    [Fact]
    public async Task Of_a_store_in_which_nothing_was_recorded_there_is_no_backup()
    {
        await new TenantService.TenantServiceClient(platform.Operator()).RegisterTenantAsync(Register("GM0363"));
        var operations = new OperationsService.OperationsServiceClient(platform.Operator());
        var refused = await Assert.ThrowsAsync<RpcException>(() => operations.BackupStoreAsync(
            new BackupStoreRequest { Service = "uwv", Municipality = "GM0363", RequestId = NewId() }).ResponseAsync);
        Assert.Equal(ErrorReason.NotFound, RefusalStatus.ReasonOf(refused));
        Assert.Contains("nothing was recorded", refused.Status.Detail, StringComparison.Ordinal);
    }
}
