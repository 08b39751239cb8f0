using BeschutWerk.Backbone;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw lost</c>, and what <c>bw doctor</c> says until an operator settled it.</summary>
public sealed class LostTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task What_a_restore_lost_is_told_until_an_operator_says_with_a_reason_that_it_is_settled()
    {
        await platform.OpenedAsync();
        await RunAsync("backup", Amsterdam, "--service", "municipalities");
        await platform.OpenedAsync();
        await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("restore", Amsterdam, "--service", "municipalities", "--reason", "test", "--yes")).ExitCode);
        await PlatformFixture.Eventually(
            async () => (await RunAsync("lost", "list", "--service", "uwv")).Lines.Length == 2, "who had applied them names them");

        var list = await RunAsync("lost", "list", "--service", "uwv");
        var (store, source, from, to) = (Cells(list)[0], Cells(list)[1], Cells(list)[2], Cells(list)[3]);
        Assert.Equal(("uwv/GM0363", list.Output), (store, (await RunAsync("lost", "list", Amsterdam, "--service", "uwv")).Output));
        Assert.Empty((await RunAsync("lost", "list", Utrecht)).Lines.Skip(1));
        var doctor = await RunAsync("doctor");
        Assert.Contains($"bw lost settle GM0363 {source} --from {from} --to {to} --service uwv", doctor.Output, StringComparison.Ordinal);

        string[] settle =
        [
            "lost", "settle", Amsterdam, source, "--from", from, "--to", to, "--service", "uwv",
            "--reason", "asked the team, nothing missing", "--request-id", NewId(),
        ];
        var unasked = await BwRun.ProcessAsync(new Dictionary<string, string>(), [.. settle, .. BwRun.At(platform.Options)]);
        Assert.Equal(3, unasked.ExitCode);
        var settled = await RunAsync([.. settle, "--yes"]);
        Assert.Equal(($"{long.Parse(to) - long.Parse(from) + 1} event(s) are settled.\n", ""), (settled.Output, settled.Error));
        Assert.Equal(settled, await RunAsync([.. settle, "--yes"]));

        Assert.DoesNotContain("--service uwv", (await RunAsync("doctor")).Output, StringComparison.Ordinal);
        Assert.Empty((await RunAsync("lost", "list", "--service", "uwv")).Lines.Skip(1));
        Assert.Matches("SETTLED .+ asked the team", (await RunAsync("acts", Amsterdam, "--service", "uwv")).Lines[1]);
    }

    private static string[] Cells(BwRun list) => list.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private Task<BwRun> RunAsync(params string[] arguments) => BwRun.InProcessAsync([.. arguments, .. BwRun.At(platform.Options)]);
}
