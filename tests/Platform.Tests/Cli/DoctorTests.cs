using BeschutWerk.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Documentation;
using BeschutWerk.Platform.Tests.Messaging;
using BeschutWerk.Platform.Tests.Municipalities;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary><c>bw doctor</c>; <c>Rules.Tests</c> holds what it makes of what it sees.</summary>
public sealed class DoctorTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task Where_all_is_well_it_says_so()
    {
        await platform.PlacedAsync();
        var run = await DoctorAsync();
        Assert.True((run.ExitCode, run.Error) == (0, ""), run.Output);
        Assert.EndsWith("Nothing was found.\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(PlatformServices.Names, run.Lines.Skip(1).Take(5).Select(line => line.Split(' ')[0]));
        var told = $" SERVING in process right {VersionTests.Newest.Version}";
        Assert.All(run.Lines.Skip(1).Take(5), line => Assert.Contains(told, line, StringComparison.Ordinal));
        // With a municipality its stores are looked through as well.
        var json = (await DoctorAsync("GM0363", "--json")).Json;
        Assert.Equal((5, 0), (json.GetProperty("services").GetArrayLength(), json.GetProperty("findings").GetArrayLength()));
    }

    [Fact]
    public async Task A_service_out_of_reach_is_a_finding_and_all_of_them_or_no_token_is_not_having_looked()
    {
        var one = await DoctorAsync("--at", "uwv=http://localhost:1");
        Assert.Equal(1, one.ExitCode);
        Assert.Contains("SERVICE_UNREACHABLE uwv   Nothing answers for uwv at http://localhost:1/. Start it, ", one.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await BwRun.InProcessAsync(["doctor", .. BwRun.At(platform.Options with { GrpcPort = 1 })])).ExitCode);

        var noServer = await BwRun.InProcessAsync(["doctor", "--json", .. BwRun.At(platform.Options with { HttpPort = 1 })]);
        Assert.Equal(2, noServer.ExitCode);
        Assert.Equal("NO_TOKEN", noServer.Json.GetProperty("findings")[0].GetProperty("code").GetString());
        // Health needs no token.
        Assert.All(noServer.Json.GetProperty("services").EnumerateArray(), service => Assert.Equal("SERVING", service.GetProperty("health").GetString()));
    }

    [Fact]
    public async Task A_client_that_may_not_ask_is_told_so()
    {
        var secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([new("bw-uwv", OrganisationKind.Uwv, "uwv", "UWV", [])], renewSecret: _ => true)[0].NewSecret!;
        var environment = new Dictionary<string, string> { ["BW_CLIENT_ID"] = "bw-uwv", ["BW_CLIENT_SECRET"] = secret };
        var run = await BwRun.ProcessAsync(environment, ["doctor", .. BwRun.At(platform.Options)]);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(5, run.Lines.Count(line => line.StartsWith("NOT_AN_OPERATOR ", StringComparison.Ordinal)));
    }

    private Task<BwRun> DoctorAsync(params string[] more) => BwRun.InProcessAsync(["doctor", .. more, .. BwRun.At(platform.Options)]);
}

/// <summary>The same for services in processes of their own, whose broker and one of which are away.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class DoctorOfProcesses(LonelyPlatform platform) : IClassFixture<LonelyPlatform>
{
    [Fact]
    public async Task Broker_and_service_are_named_with_what_waits_for_them()
    {
        await platform.AdvisedAsync();
        var well = await DoctorAsync();
        Assert.True(well.ExitCode == 0, well.Output);
        Assert.All(well.Lines.Skip(1).Take(5), line => Assert.Contains(" SERVING SERVING right ", line, StringComparison.Ordinal));

        await platform.KillAsync("uwv");
        await platform.Node.KillAsync();
        await BrokerTest.EventuallyAsync(async () => await platform.HealthAsync("municipalities", "rabbitmq") == HealthCheckResponse.Types.ServingStatus.NotServing, "the broker is said to be away");
        await platform.OpenedAsync();
        var ill = await DoctorAsync();
        Assert.Equal(1, ill.ExitCode);
        Assert.Matches(@"(?m)^BROKER_UNREACHABLE +municipalities +It cannot reach its broker: ", ill.Output);
        Assert.Matches(@"(?m)^SERVICE_UNREACHABLE +uwv ", ill.Output);
        var status = await BwRun.InProcessAsync(["status", .. At()]);
        Assert.Equal(2, status.ExitCode);
        Assert.Matches(@"(?m)^municipalities +5 +\d+ +0 +1 for \d+ s ", status.Output);
    }

    private Task<BwRun> DoctorAsync() => BwRun.InProcessAsync(["doctor", .. At()]);

    private IEnumerable<string> At() =>
        BwRun.At(platform.Options).Concat(PlatformServices.Names.SelectMany(name => new[] { "--at", $"{name}={platform.AddressOf(name)}" }));
}
