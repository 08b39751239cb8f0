using BeschutWerk.Platform.Tests.Municipalities;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw backup</c> of a municipality of which a service has heard nothing: no number, no case.</summary>
public sealed class BackupOfNothingTests(BackupOfNothingTests.Quiet platform) : IClassFixture<BackupOfNothingTests.Quiet>
{
    [Fact]
    public async Task A_store_that_was_never_made_is_not_there()
    {
        var run = await BwRun.InProcessAsync(["backup", MunicipalityPlatform.Terschelling, "--service", "uwv", .. BwRun.At(platform.Options)]);
        Assert.Equal((1, "bw: No such store: nothing was recorded in it yet. [NOT_FOUND]\n"), (run.ExitCode, run.Error));
    }

    /// <summary>One municipality, before any regulation.</summary>
    public sealed class Quiet : MunicipalityPlatform
    {
        protected override async Task PopulateAsync() => await Tenants.RegisterTenantAsync(Register(Terschelling));
    }
}
