using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BeschutWerk.Backbone.Limits;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.TestProcesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>What an address and a client may take of a token server in a process of its own: others are served meanwhile.</summary>
public sealed class TokenLimitTests : IDisposable
{
    private const string TokensPerSecond = "ClientTokensPerSecond";

    private static readonly ClientRegistration Uwv = new("uwv", IdentityKind.Uwv, "uwv", "UWV", []);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");
    private readonly int _port = FreePort.Next();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Address => new($"http://localhost:{_port}/");

    public void Dispose()
    {
        _http.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_address_has_so_many_connections_to_the_token_server_and_whoever_goes_makes_room()
    {
        const int Most = 30, More = 20;
        var refused = 0;
        using var listener = Counting("ConnectionsPerAddress", () => Interlocked.Increment(ref refused));
        await using var server = await StartAsync($"--Limits:ConnectionsPerAddress={Most}");
        using (var connections = await IdleConnections.OpenAsync(_port, Most + More, Cancel))
        {
            await PlatformFixture.Eventually(() => Task.FromResult(connections.Closed >= More), "connections beyond the limit are closed");
            Assert.Equal(More, connections.Closed);
            Assert.True(refused >= More);
        }

        await PlatformFixture.Eventually(ServesAsync, "there is room again");
    }

    [Fact]
    public async Task A_client_that_asks_for_tokens_without_end_waits_and_others_do_not()
    {
        var counted = 0;
        using var listener = Counting(TokensPerSecond, () => Interlocked.Increment(ref counted));
        await using var server = await StartAsync($"--Limits:{TokensPerSecond}=1");
        var (secret, other) = (Register(server, Uwv), Register(server, Uwv with { ClientId = "uwv-2" }));

        var given = 0;
        HttpResponseMessage answer;
        while ((answer = await AskAsync("uwv", secret)).StatusCode == HttpStatusCode.OK && given < 1000) given++;

        // Those of a minute may come at once.
        Assert.InRange(given, 60, 999);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal("slow_down", said.GetProperty("error").GetString());
        Assert.Contains(TokensPerSecond, said.GetProperty("error_description").GetString(), StringComparison.Ordinal);
        Assert.True(counted > 0);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync("uwv-2", other)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("uwv", "wrong")).StatusCode);
        await PlatformFixture.Eventually(async () => (await AskAsync("uwv", secret)).IsSuccessStatusCode, "it gets a token again");
    }

    [Fact]
    public async Task A_portal_has_ten_times_as_many_because_it_asks_for_each_citizen()
    {
        await using var server = await StartAsync($"--Limits:{TokensPerSecond}=1");
        var secret = Register(server, new("portal", IdentityKind.Citizen, "portal", "Citizens' portal", [], IsPortal: true));
        (string, string)[] citizen = [("citizen", PlatformFixture.Pseudonym("one")), ("municipality", "GM0363"), ("bsn", TestBsn.Next())];

        for (var i = 0; i < 599; i++) Assert.Equal(HttpStatusCode.OK, (await AskAsync("portal", secret, citizen)).StatusCode);
        // How far a machine gets in a second differs.
        var given = 599;
        while ((await AskAsync("portal", secret, citizen)).StatusCode == HttpStatusCode.OK && given < 3_000) given++;
        Assert.InRange(given, 600, 2_999);
    }

    [Theory]
    [InlineData("Connections", "0", "Limits__Connections must be 1 or more.")]
    [InlineData("ConnectionsPerAddress", "many", "Limits__ConnectionsPerAddress must be 1 or more.")]
    [InlineData("ClientTokensPerSecond", "-1", "Limits__ClientTokensPerSecond must be 1 or more.")]
    [InlineData("MessageWithin", "00:00:00", "Limits__MessageWithin=00:00:00 is no time to wait.")]
    [InlineData("MessageWithin", "soon", "Limits__MessageWithin=soon is no time to wait.")]
    public void A_limit_that_is_none_stops_the_start_with_a_sentence(string limit, string value, string sentence)
    {
        var refused = Assert.Throws<ArgumentException>(() => Build($"--Limits:{limit}={value}"));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_limits_are_those_of_the_services_where_nothing_is_said()
    {
        await using var server = Build();
        var limits = server.Configuration.GetSection("Limits").GetChildren().ToDictionary(limit => limit.Key, limit => limit.Value);

        Assert.Equal(["ClientTokensPerSecond", "Connections", "ConnectionsPerAddress", "MessageWithin"], limits.Keys.Order());
        Assert.All(limits, limit => Assert.Equal(
            Convert.ToString(typeof(LimitOptions).GetProperty(limit.Key)?.GetValue(new LimitOptions()), CultureInfo.InvariantCulture), limit.Value));
    }

    private static MeterListener Counting(string limit, Action count)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (instrument is { Meter.Name: Instruments.Name, Name: "beschutwerk.limits.reached" }) all.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags[0].Value is string name && name == limit) count();
        });
        listener.Start();
        return listener;
    }

    private static string Register(WebApplication server, ClientRegistration client) =>
        server.Services.GetRequiredService<Clients>().RegisterAll([client]).Single().NewSecret!;

    private WebApplication Build(params string[] more) => IdentityProcess.Build(
        [$"--Data:Folder={_folder}", $"--Http:Port={_port}", "--Logging:LogLevel:Default=Warning", .. more]);

    private async Task<WebApplication> StartAsync(params string[] more)
    {
        var server = Build(more);
        await server.StartAsync(Cancel);
        return server;
    }

    private Task<HttpResponseMessage> AskAsync(string clientId, string secret, params (string Name, string Value)[] more)
    {
        (string Name, string Value)[] form = [("grant_type", "client_credentials"), ("client_id", clientId), ("client_secret", secret), .. more];
        return _http.PostAsync(
            new Uri(Address, IdentityServer.TokenPath),
            new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))), Cancel);
    }

    private async Task<bool> ServesAsync()
    {
        try
        {
            return (await _http.GetAsync(new Uri(Address, IdentityServer.RevocationsPath), Cancel)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not yet.
            return false;
        }
    }
}
