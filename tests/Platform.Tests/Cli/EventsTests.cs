using System.Diagnostics;
using System.Text.Json;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw events</c>.</summary>
[Collection(nameof(BwPlatform))]
public sealed class EventsTests(MunicipalityPlatform platform)
{
    [Fact]
    public async Task Reading_tells_the_log_in_order_and_the_token_to_go_on_with()
    {
        await platform.PlacedAsync();
        var log = await LogAsync(Amsterdam);
        var run = await ReadAsync(Amsterdam, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        // The events as they stand on the broker, each with the token behind it; last the token alone.
        Assert.Equal(log.Select(found => Text(JsonDocument.Parse(CloudEventJson.Write(found)).RootElement)), lines.SkipLast(1).Select(line => Text(line.GetProperty("event"))));
        var rest = await ReadAsync(Amsterdam, "--json", "--after", lines[2].GetProperty("resumeToken").GetString()!);
        Assert.Equal(run.Lines.Skip(3), rest.Lines);

        var first = await ReadAsync(Amsterdam, "--limit", "2");
        Assert.Equal(2, first.Lines.Length);
        Assert.Matches($@"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{3}}Z  {EventTypes.NameOf(log[0].Type)} +{log[0].Subject} +\S+/{Amsterdam} {log[0].Sequence}$", first.Lines[0]);
        Assert.Equal($"To go on: --after {lines[1].GetProperty("resumeToken").GetString()}\n", first.Error);
    }

    [Fact]
    public async Task It_is_narrowed_by_type_by_service_and_to_own_or_received_events()
    {
        await platform.PlacedAsync();
        var log = await LogAsync(Amsterdam);
        Assert.Equal(log.Count(found => found.Type == EventTypes.CloudType("case-opened")), (await ReadAsync(Amsterdam, "--type", "case-opened")).Lines.Length);
        Assert.Equal(
            (await ReadAsync(Amsterdam, "--type", "case-opened")).Lines,
            (await ReadAsync(Amsterdam, "--type", EventTypes.CloudType("case-opened"))).Lines);
        var (own, received) = ((await ReadAsync(Amsterdam, "--own")).Lines, (await ReadAsync(Amsterdam, "--received")).Lines);
        Assert.Equal(log.Count, own.Length + received.Length);
        Assert.All(own, line => Assert.Contains("municipalities/GM0363", line, StringComparison.Ordinal));
        Assert.Contains(received, line => line.Contains("advice-issued", StringComparison.Ordinal) && line.Contains("uwv/GM0363", StringComparison.Ordinal));
        Assert.Contains((await ReadAsync(Amsterdam, "--service", "uwv")).Lines, line => line.Contains("assessment-recorded", StringComparison.Ordinal));
        Assert.Contains((await ReadAsync("platform")).Lines, line => line.Contains("tenant-registered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_with_its_reason()
    {
        var strange = await ReadAsync(Utrecht, "--after", JsonDocument.Parse((await ReadAsync(Amsterdam, "--json")).Lines[^1]).RootElement.GetProperty("resumeToken").GetString()!);
        Assert.Equal((1, ""), (strange.ExitCode, strange.Output));
        Assert.Matches(@"^bw: .+ \[TOKEN_OF_ANOTHER_STORE\]\n$", strange.Error);
        var nonsense = await ReadAsync(Utrecht, "--after", "nonsense");
        Assert.Equal((1, "bw: 1 field(s) break their rule. [INVALID_FIELDS]\n  after: Is no token of this service.\n"), (nonsense.ExitCode, nonsense.Error));
        Assert.Equal((1, "bw: No such municipality. [MUNICIPALITY_NOT_FOUND]\n"), await EndAsync("GM9999"));
        Assert.Equal(3, (await EndAsync(Utrecht, "--own", "--received")).Item1);
        Assert.Equal((3, "bw: --type advise-issued is no event; contracts/README.md lists them.\nbw --help says what can be written.\n"), await EndAsync(Utrecht, "--type", "advise-issued"));
        // One that exists, and never in the log that is asked for.
        const string refused = "bw: 1 field(s) break their rule. [INVALID_FIELDS]\n  ";
        Assert.Equal(
            (1, refused + "types[1]: Is no event of this feed.\n"),
            await EndAsync(Utrecht, "--type", "case-opened", "--type", "tenant-registered"));
        Assert.Equal(
            (1, refused + "types[0]: Is no event of this feed.\n"),
            await EndAsync(Utrecht, "--service", "uwv", "--type", "case-opened"));

        async Task<(int, string)> EndAsync(string store, params string[] more)
        {
            var run = await ReadAsync(store, more);
            return (run.ExitCode, run.Error);
        }
    }

    [Fact]
    public async Task A_tail_tells_only_what_comes_until_Ctrl_C_and_then_the_token()
    {
        await platform.OpenedAsync(Groningen);
        using var tail = BwRun.Start(new Dictionary<string, string>(), ["events", "tail", Groningen, "--json", .. BwRun.At(platform.Options)]);
        // It has no way to say that it listens: what is opened meanwhile, it tells or not.
        var first = tail.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        while (!first.IsCompleted)
        {
            await platform.OpenedAsync(Groningen);
            await Task.WhenAny(first, Task.Delay(200, TestContext.Current.CancellationToken));
        }

        Assert.Contains("case-opened", await first, StringComparison.Ordinal);
        Assert.DoesNotContain("\"sequence\":\"1\",", await first, StringComparison.Ordinal);
        using (var interrupt = Process.Start("kill", ["-INT", $"{tail.Id}"])) await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);
        var run = await BwRun.EndAsync(tail);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var token = JsonDocument.Parse(run.Lines[^1]).RootElement;
        Assert.False(token.TryGetProperty("event", out _));
        Assert.NotEqual("", token.GetProperty("resumeToken").GetString());
    }

    [Fact]
    public async Task Operators_also_see_the_events_of_who_is_suspended()
    {
        await platform.OpenedAsync(Westerwolde);
        await platform.Tenants.SuspendTenantAsync(new SuspendTenantRequest { Municipality = Westerwolde, RequestId = NewId(), Reason = "test", SuspendedOn = On(6, 16) });
        var run = await ReadAsync(Westerwolde, "--type", "case-opened");
        await platform.Tenants.ResumeTenantAsync(new ResumeTenantRequest { Municipality = Westerwolde, RequestId = NewId(), ResumedOn = On(6, 17) });
        Assert.Equal((0, 1), (run.ExitCode, run.Lines.Length));
    }

    private static string Text(JsonElement json) => JsonSerializer.Serialize(json);

    private Task<BwRun> ReadAsync(string store, params string[] more) => BwRun.InProcessAsync(["events", "read", store, .. more, .. BwRun.At(platform.Options)]);

    private async Task<IList<CloudEvent>> LogAsync(string code) =>
        (await new EventService.EventServiceClient(platform.Operator()).ReadEventsAsync(new ReadEventsRequest { Municipality = code, PageSize = 1000 })).Events;
}

/// <summary>A tail goes on after the service was away.</summary>
public sealed class TailAcrossRestart : IAsyncLifetime
{
    private readonly MunicipalityPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task Nothing_is_lost_or_told_twice()
    {
        var before = await _platform.OpenedAsync();
        using var tail = BwRun.Start(new Dictionary<string, string>(), ["events", "tail", Amsterdam, "--type", "case-opened", "--after", await BeginningAsync(), "--limit", "2", .. BwRun.At(_platform.Options)]);
        var first = await tail.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Contains(before, first, StringComparison.Ordinal);

        await _platform.RestartAsync();
        var after = await _platform.OpenedAsync();
        var run = await BwRun.EndAsync(tail);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(after, Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Contains("Trying again.", run.Error, StringComparison.Ordinal);
    }

    private async Task<string> BeginningAsync()
    {
        var read = await BwRun.InProcessAsync(["events", "read", Amsterdam, "--json", "--limit", "1", .. BwRun.At(_platform.Options)]);
        return JsonDocument.Parse(read.Lines[^1]).RootElement.GetProperty("resumeToken").GetString()!;
    }
}
