using BeschutWerk.Platform.Tests.Municipalities;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw backup</c> and <c>bw restore</c>.</summary>
[Collection(nameof(BwPlatform))]
public sealed class BackupCommandTests(MunicipalityPlatform platform)
{
    [Fact]
    public async Task A_municipality_is_backed_up_in_every_service_that_has_it_and_restored_to_that_moment()
    {
        var (kept, _, _) = await platform.PlacedAsync(Utrecht);
        var made = await RunAsync("backup", Utrecht);
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Equal(["municipalities/GM0344", "uwv/GM0344", "swcompanies/GM0344"], made.Lines.Skip(1).Select(line => line.Split(' ')[0]));
        Assert.Equal(made.Output, (await RunAsync("backup", "list", Utrecht)).Output);
        var one = (await RunAsync("backup", Utrecht, "--service", "municipalities", "--json")).Json[0].GetProperty("backupId").GetString()!;
        var moment = DateTimeOffset.UtcNow;

        var lost = await platform.OpenedAsync(Utrecht);
        // Nobody can be asked here, so nothing happens without --yes.
        var unasked = await BwRun.ProcessAsync(new Dictionary<string, string>(), ["restore", Utrecht, "--reason", "test", .. BwRun.At(platform.Options)]);
        Assert.Equal(3, unasked.ExitCode);
        Assert.EndsWith("add --yes. Nothing was changed.\n", unasked.Error, StringComparison.Ordinal);
        Assert.Equal(lost, (await platform.CaseAsync(lost, Utrecht)).CaseId);

        var restored = await RunAsync("restore", Utrecht, "--service", "municipalities", "--backup", one, "--reason", "test", "--yes", "--json");
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        Assert.Equal("1", restored.Json[0].GetProperty("answer").GetProperty("lostEvents").GetString());
        Assert.Equal("Not found", await Found(lost));
        Assert.Equal(kept, (await platform.CaseAsync(kept, Utrecht)).CaseId);

        var all = await RunAsync("restore", Utrecht, "--before", moment.ToString("O"), "--reason", "test", "--yes");
        Assert.Equal((0, 4), (all.ExitCode, all.Lines.Length));
        Assert.Contains(one, all.Output, StringComparison.Ordinal);

        var acts = await RunAsync("acts", Utrecht, "--service", "municipalities");
        Assert.Matches(@$"^municipalities/GM0344 .+Z operator:first-operator RESTORED +{one} test\s*$", acts.Lines[1]);
        Assert.Equal(new[] { "RESTORED", "BACKED_UP" }, (await RunAsync("acts", Utrecht, "--json")).Json.EnumerateArray().Select(act => act.GetProperty("kind").GetString()).Distinct());

        async Task<string> Found(string caseId) => (await RefusedAsync(platform.Cases(Utrecht).GetCaseAsync(new Contracts.Municipalities.GetCaseRequest { Municipality = Utrecht, CaseId = caseId }))).Reason
            == Contracts.Backbone.ErrorReason.NotFound ? "Not found" : "Refused otherwise";
    }

    [Fact]
    public async Task The_platform_is_backed_up_in_every_service()
    {
        var made = await RunAsync("backup", "platform", "--json");
        Assert.Equal(Backbone.PlatformServices.Names, made.Json.EnumerateArray().Select(backup => backup.GetProperty("service").GetString()));
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        Assert.Equal((1, "bw: No such municipality. [MUNICIPALITY_NOT_FOUND]\n"), await EndAsync("backup", "GM9999"));
        Assert.Equal((1, "bw: There is no such backup of GM0093; bw backup list GM0093 says which there are. [NOT_FOUND]\n"), await EndAsync("restore", Terschelling, "--before", "2018-06-15", "--reason", "test", "--yes"));
        Assert.Equal(3, (await EndAsync("restore", Terschelling, "--backup", "x", "--reason", "test", "--yes")).ExitCode);
        Assert.Equal(3, (await EndAsync("restore", Terschelling, "--yes")).ExitCode);

        var (code, error) = await EndAsync("backup", Terschelling, "--at", "uwv=http://localhost:1", "--request-id", "8f1f8a52-4a4e-4c6b-9d7b-4f7a5a4b9c11");
        Assert.Equal(2, code);
        Assert.Equal("bw: Nothing answers for uwv at http://localhost:1/.\n  repeat_with: --request-id 8f1f8a52-4a4e-4c6b-9d7b-4f7a5a4b9c11\n", error);
    }

    private async Task<(int ExitCode, string Error)> EndAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        return (run.ExitCode, run.Error);
    }

    private Task<BwRun> RunAsync(params string[] arguments) => BwRun.InProcessAsync([.. arguments, .. BwRun.At(platform.Options)]);
}
