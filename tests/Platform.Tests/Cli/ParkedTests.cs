using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.Municipalities;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw parked</c>, and what <c>bw doctor</c> says of it.</summary>
public sealed class ParkedTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private static readonly TenantId Stranger = TenantId.Parse("GM0518");

    [Fact]
    public async Task What_is_parked_is_listed_requeued_when_its_cause_is_mended_and_dropped_with_a_reason()
    {
        await ParkStrangerAsync();
        var unreadable = "somebody's name"u8.ToArray();
        await Uwv.ParkUnreadableAsync(unreadable);

        var list = await ParkedAsync("list");
        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Equal(["UNKNOWN_MUNICIPALITY", "UNREADABLE"], list.Lines.Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]));
        Assert.All(list.Lines.Skip(1), line => Assert.StartsWith("uwv/platform ", line, StringComparison.Ordinal));
        Assert.Equal(list.Output, (await ParkedAsync("list", "platform", "--service", "uwv")).Output);
        Assert.Empty((await ParkedAsync("list", Amsterdam)).Lines.Skip(1));
        var json = (await ParkedAsync("list", "--json")).Json;
        Assert.Equal(Stranger.Code, json[0].GetProperty("event").GetProperty("gemeentecode").GetString());
        Assert.Equal("{\"caseId\":\"x\"}", json[0].GetProperty("event").GetProperty("data").ToString().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
        var ids = json.EnumerateArray().Select(parked => $"{parked.GetProperty("parkedId").GetInt64()}").ToList();

        var found = await BwRun.InProcessAsync(["doctor", .. BwRun.At(platform.Options)]);
        Assert.Equal(1, found.ExitCode);
        Assert.Matches(@"EVENTS_PARKED +uwv/platform +2 events failed for good, the first \d+ s ago\. +bw parked list platform --service uwv; ", found.Output);

        Assert.Matches(@"^bw: .+ \[EVENT_STILL_FAILS\]\n", (await OfUwvAsync("requeue", ids[0])).Error);
        Assert.Matches(@"^bw: .+ \[STATE_FORBIDS\]\n", (await OfUwvAsync("requeue", ids[1])).Error);
        Assert.Equal(3, (await OfUwvAsync("drop", ids[1])).ExitCode);
        Assert.Equal(3, (await BwRun.ProcessAsync(new Dictionary<string, string>(), ["parked", "drop", "platform", ids[1], "--service", "uwv", "--reason", "test", .. BwRun.At(platform.Options)])).ExitCode);
        Assert.Equal(list.Output, (await ParkedAsync("list")).Output);

        var key = NewId();
        var dropped = await OfUwvAsync("drop", ids[1], "--reason", "no event at all", "--yes", "--request-id", key);
        Assert.Matches(@"^Event [0-9a-f-]{36} is dropped; 0 of its subject still wait\.\n$", dropped.Output);
        Assert.Equal(dropped, await OfUwvAsync("drop", ids[1], "--reason", "no event at all", "--yes", "--request-id", key));
        Assert.Equal((1, "bw: No such parked event. [NOT_FOUND]\n"), await EndAsync("drop", ids[1], "--reason", "again", "--yes"));

        await platform.Tenants.RegisterTenantAsync(Register(Stranger.Code));
        Assert.Equal("1 event(s) of the chain were handled.\n", (await OfUwvAsync("requeue", ids[0])).Output);
        Assert.Empty((await ParkedAsync("list")).Lines.Skip(1));
    }

    private ServiceRuntime Uwv => platform.App.Services.GetRequiredService<ServiceRuntimes>().Find("uwv")!;

    /// <summary>An event of a municipality that is not registered, as a broker may deliver it.</summary>
    private Task ParkStrangerAsync() => Uwv.ParkStrangerAsync(new SourceKey("municipalities", Stranger), new CloudEvent
    {
        Id = NewId(), Source = $"urn:nld:oin:00000099000000001000:systeem:beschutwerk-municipalities:{Stranger.Code}:0123456789ab", Sequence = 1,
        Type = "nl.participatiewet.beschut-werk.case-opened.v1", Subject = "x", Gemeentecode = Stranger.Code, Time = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow),
        Data = Google.Protobuf.WellKnownTypes.Any.Pack(new Contracts.Municipalities.CaseOpened { CaseId = "x" }),
    });

    private async Task<(int, string)> EndAsync(string verb, string id, params string[] more)
    {
        var run = await OfUwvAsync(verb, id, more);
        return (run.ExitCode, run.Error);
    }

    private Task<BwRun> OfUwvAsync(string verb, string id, params string[] more) => ParkedAsync([verb, "platform", id, "--service", "uwv", .. more]);

    private Task<BwRun> ParkedAsync(params string[] arguments) => BwRun.InProcessAsync(["parked", .. arguments, .. BwRun.At(platform.Options)]);
}
