using System.Text.RegularExpressions;
using BeschutWerk.Backbone;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw status</c>.</summary>
[Collection(nameof(BwPlatform))]
public sealed class StatusTests(MunicipalityPlatform platform)
{
    [Fact]
    public async Task Every_service_has_a_line_that_says_how_it_stands()
    {
        var run = await BwRun.InProcessAsync(["status", .. BwRun.At(platform.Options)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(PlatformServices.Names, run.Lines.Skip(1).Select(line => line.Split(' ')[0]));
        Assert.Matches(@"^municipalities +[56] +\d+ +0 +0 +0 +0 +0 +0 +\S+ [MG]B in process", run.Lines[1]);
        Assert.All(run.Output, letter => Assert.True(char.IsAscii(letter), "Without a terminal it is plain text."));

        var json = (await BwRun.InProcessAsync(["status", "--json", .. BwRun.At(platform.Options)])).Json;
        Assert.Equal(PlatformServices.Names, json.EnumerateArray().Select(service => service.GetProperty("service").GetString()));
        Assert.InRange(json[0].GetProperty("status").GetProperty("municipalities").GetInt32(), 5, 6);
        Assert.False(json[0].TryGetProperty("fault", out _));
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_named_and_the_others_are_told()
    {
        var run = await AskAsync();
        // Insight hears of the municipalities a little later than the others.
        await PlatformFixture.Eventually(async () => Regex.IsMatch((run = await AskAsync()).Output, @"(?m)^insight +[56] "), $"insight is told with its municipalities, not {run.Output}");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("uwv            does not answer", run.Output, StringComparison.Ordinal);
        Assert.Equal("bw: Nothing answers for uwv at http://localhost:1/.\n", run.Error);

        Task<BwRun> AskAsync() => BwRun.InProcessAsync(["status", .. BwRun.At(platform.Options), "--at", "uwv=http://localhost:1"]);
    }

    [Fact]
    public async Task A_process_finds_the_platform_and_its_client_in_the_environment()
    {
        var environment = new Dictionary<string, string>
        {
            ["BW_ADDRESS"] = platform.Options.GrpcAddress, ["BW_AUTHORITY"] = platform.Options.Authority, ["BW_DATA"] = platform.Options.DataFolder,
        };
        var run = await BwRun.ProcessAsync(environment, "status");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(6, run.Lines.Length);
    }
}
