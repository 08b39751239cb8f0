using System.Text.Json;
using BeschutWerk.Platform.Tests.Municipalities;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw flow</c>.</summary>
[Collection(nameof(BwPlatform))]
public sealed class FlowCommandTests(MunicipalityPlatform platform)
{
    [Fact]
    public async Task A_case_is_a_tree_of_calls_with_what_they_raised_and_where_it_stands()
    {
        var (caseId, _, _) = await platform.PlacedAsync();
        var run = await FlowAsync(caseId);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(caseId, run.Lines[0]);
        var events = run.Lines.Where(line => line.Contains("/GM0363#", StringComparison.Ordinal)).ToList();
        Assert.Equal(await platform.TimelineAsync(caseId), events.Select(line => line.TrimStart('|', ' ', '`', '-').Split(' ')[0]));
        Assert.Matches(@"advice-issued  [0-9a-f-]{36}  uwv/GM0363#\d+, municipalities/GM0363#\d+$", events.Single(line => line.Contains("advice-issued", StringComparison.Ordinal)));
        Assert.Contains("municipality:GM0363", run.Lines[1], StringComparison.Ordinal);

        var json = (await FlowAsync(caseId, "--json", "--municipality", Amsterdam)).Json;
        var raised = json.GetProperty("calls").EnumerateArray().SelectMany(call => call.GetProperty("raised").EnumerateArray()).SelectMany(Names);
        Assert.Equal(await platform.TimelineAsync(caseId), raised);
        Assert.False(json.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task What_is_no_id_or_has_no_event_is_said()
    {
        var unknown = await FlowAsync(new string('a', 32));
        Assert.Equal((1, $"bw: No log holds an event of {new string('a', 32)}. [NOT_FOUND]\n"), (unknown.ExitCode, unknown.Error));
        Assert.Equal(3, (await FlowAsync("abc")).ExitCode);
        var elsewhere = await FlowAsync(NewId(), "--municipality", "GM9999", "--json");
        Assert.Equal(1, elsewhere.ExitCode);
        Assert.Equal("MUNICIPALITY_NOT_FOUND", JsonDocument.Parse(elsewhere.Error).RootElement.GetProperty("reason").GetString());
    }

    private static IEnumerable<string> Names(JsonElement step) =>
        step.GetProperty("then").EnumerateArray().SelectMany(Names).Prepend(step.GetProperty("event").GetProperty("type").GetString()!.Split('.')[^2]);

    private Task<BwRun> FlowAsync(string id, params string[] more) => BwRun.InProcessAsync(["flow", id, .. more, .. BwRun.At(platform.Options)]);
}
