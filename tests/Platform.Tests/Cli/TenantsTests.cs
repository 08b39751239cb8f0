using BeschutWerk.Backbone.Store;
using BeschutWerk.Platform.Tests.Municipalities;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw tenants</c>.</summary>
[Collection(nameof(BwPlatform))]
public sealed class TenantsTests(MunicipalityPlatform platform)
{
    private static readonly string[] TheHague = ["GM0518", "--name", "'s-Gravenhage", "--province", "Zuid-Holland", "--region", "11", "--region-name", "Haaglanden", "--on", "2018-06-15"];

    [Fact]
    public async Task A_municipality_is_registered_once_suspended_and_resumed()
    {
        var key = NewId();
        var registered = await TenantsAsync(["register", .. TheHague, "--request-id", key]);
        Assert.Equal((0, ""), (registered.ExitCode, registered.Error));
        Assert.Matches(@"^GM0518 +'s-Gravenhage +Zuid-Holland +11 Haaglanden +active +2018-06-15 +1", registered.Lines[1]);
        // The same key is the same call; another is refused.
        Assert.Equal(registered.Output, (await TenantsAsync(["register", .. TheHague, "--request-id", key])).Output);
        var twice = await TenantsAsync(["register", .. TheHague]);
        Assert.Equal(1, twice.ExitCode);
        Assert.EndsWith("[ALREADY_REGISTERED]\n", twice.Error, StringComparison.Ordinal);

        var suspended = await TenantsAsync("suspend", "GM0518", "--reason", "merged", "--on", "2018-06-16", "--json");
        Assert.Equal("TENANT_STATE_SUSPENDED", suspended.Json.GetProperty("state").GetString());
        Assert.Contains("suspended", (await TenantsAsync("show", "GM0518")).Output, StringComparison.Ordinal);
        Assert.EndsWith("[STATE_FORBIDS]\n", (await TenantsAsync("suspend", "GM0518", "--reason", "again")).Error, StringComparison.Ordinal);
        // Today, when no day is said.
        Assert.Equal(0, (await TenantsAsync("resume", "GM0518")).ExitCode);
        Assert.Equal("TENANT_STATE_ACTIVE", (await TenantsAsync("show", "GM0518", "--json")).Json.GetProperty("state").GetString());

        var list = await TenantsAsync("list");
        Assert.Equal(["GM0014", "GM0093", "GM0344", "GM0363", "GM0518", "GM1950"], list.Lines.Skip(1).Select(line => line[..6]));
        Assert.Equal(6, (await TenantsAsync("list", "--json")).Json.GetArrayLength());
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var run = await TenantsAsync("register", "GM0519", "--name", "", "--province", "", "--region", "36", "--region-name", "x", "--on", "2199-01-01");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(["name", "province", "labour_market_region", "registered_on", "municipality"], run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Trim().Split(':')[0]));
        Assert.Equal(3, (await TenantsAsync("register", "GM0519")).ExitCode);
        Assert.Equal(3, (await TenantsAsync("show", "0363")).ExitCode);
        Assert.Equal(3, (await TenantsAsync("resume", "GM0363", "--request-id", "1")).ExitCode);
        Assert.Equal("bw: No such municipality. [MUNICIPALITY_NOT_FOUND]\n", (await TenantsAsync("show", "GM9999")).Error);
    }

    private Task<BwRun> TenantsAsync(params string[] arguments) => BwRun.InProcessAsync(["tenants", .. arguments, .. BwRun.At(platform.Options)]);
}
