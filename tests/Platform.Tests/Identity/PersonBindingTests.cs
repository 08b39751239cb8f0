using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.TestProcesses;
using Microsoft.Extensions.Logging;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>A citizen's pseudonym stands for one person from its first token on, and nobody but who knows them learns from a token who it is.</summary>
public sealed class PersonBindingTests : IDisposable
{
    const string Citizen = "7b0f3c1e-55aa-5c1e-8d2f-0a1b2c3d4e5f", Other = "8b0f3c1e-55aa-5c1e-8d2f-0a1b2c3d4e5f";

    static readonly ClientRegistration Portal = new("portal", IdentityKind.Citizen, "portal", "Citizens' portal", [], IsPortal: true);

    readonly string folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");
    readonly string ann = TestBsn.Next(), ben = TestBsn.Next();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_token_names_the_person_for_whom_the_portal_vouches_by_a_keyed_hash()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Portal);

        var (hash, parts) = await TakenAsync(server, secret, Citizen, ann);

        var key = await File.ReadAllBytesAsync(Path.Combine(folder, "person.key"));
        Assert.Equal(32, key.Length);
        Assert.Equal(Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(ann))), hash);
        Assert.True(new TokenPerson(Base64Url.DecodeFromChars(hash), new PersonKey(Path.Combine(folder, "person.key"))).Is(ann));
        Assert.All(parts, part => Assert.DoesNotContain(ann, part, StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "person.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "citizens.jsonl")));

        // Who speaks for no citizen names nobody.
        var uwv = server.Register(new("uwv", IdentityKind.Uwv, "uwv", "UWV", []));
        Assert.DoesNotContain("\"person\"", Decoded(await server.Token("uwv", uwv))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pseudonym_stays_with_its_person_also_after_a_restart_and_at_another_portal()
    {
        string secret, second;
        await using (var server = await TokenServer.Start(folder))
        {
            (secret, second) = (server.Register(Portal), server.Register(Portal with { ClientId = "portal-2", OrganisationId = "portal-2" }));
            await TakenAsync(server, secret, Citizen, ann);
            await RefusedAsync(server, secret, Citizen, ben, HttpStatusCode.Forbidden, "access_denied");
        }

        await using var after = await TokenServer.Start(folder);
        await RefusedAsync(after, secret, Citizen, ben, HttpStatusCode.Forbidden, "access_denied");
        await RefusedAsync(after, second, Citizen, ben, HttpStatusCode.Forbidden, "access_denied", "portal-2");
        var (hash, _) = await TakenAsync(after, secret, Citizen, ann);
        Assert.Equal(hash, (await TakenAsync(after, second, Citizen, ann, "portal-2")).Hash);

        var bound = Assert.Single(Rows("CITIZEN_BOUND"));
        Assert.Equal(("portal", $"citizen {Citizen}", "127.0.0.1"), (Text(bound, "by"), Text(bound, "detail"), Text(bound, "address")));
        var refused = Rows("REFUSED");
        Assert.Equal(["portal", "portal", "portal-2"], refused.Select(row => Text(row, "client")));
        Assert.All(refused, row => Assert.Equal($"token of a citizen: {Citizen} is bound to another person", Text(row, "detail")));
        Assert.Empty(Rows("NOT_DONE"));
    }

    /// <summary>A portal may number its citizens anew, and there may be several portals: what a citizen may do is the person's.</summary>
    [Fact]
    public async Task A_person_may_have_another_pseudonym_and_is_the_same_person_under_it()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Portal);
        var (hash, _) = await TakenAsync(server, secret, Citizen, ann);
        Assert.Equal(hash, (await TakenAsync(server, secret, Other, ann)).Hash);
        Assert.Equal(2, Rows("CITIZEN_BOUND").Count);
    }

    [Fact]
    public async Task Of_two_persons_who_come_at_once_under_one_pseudonym_it_becomes_one_s()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Portal);
        // Few enough of one citizen that nobody waits.
        var asked = Enumerable.Range(0, 10).Select(i => (Citizen: $"7b0f3c1e-55aa-5c1e-8d2f-{i % 5:000000000000}", Bsn: i < 5 ? ann : ben)).ToList();

        var answers = await Task.WhenAll(asked.Select(async one => (one.Citizen, one.Bsn, Answer: await AskAsync(server, secret, one.Citizen, one.Bsn))));

        foreach (var ofCitizen in answers.GroupBy(one => one.Citizen))
        {
            var (taken, refused) = (ofCitizen.Single(one => one.Answer.IsSuccessStatusCode), ofCitizen.Single(one => !one.Answer.IsSuccessStatusCode));
            Assert.Equal(HttpStatusCode.Forbidden, refused.Answer.StatusCode);
            await TakenAsync(server, secret, taken.Citizen, taken.Bsn);
        }

        Assert.Equal(5, Rows("CITIZEN_BOUND").Count);
        Assert.Equal(5, (await File.ReadAllLinesAsync(Path.Combine(folder, "citizens.jsonl"))).Length);
    }

    [Fact]
    public async Task Who_tries_persons_for_a_citizen_waits_and_other_citizens_do_not()
    {
        var clock = new FastClock();
        await using var server = await TokenServer.Start(folder, clock);
        var secret = server.Register(Portal);
        await TakenAsync(server, secret, Citizen, ann);
        for (var i = 0; i < 10; i++) await RefusedAsync(server, secret, Citizen, TestBsn.Next(), HttpStatusCode.Forbidden, "access_denied");

        // Also the right one: it must not show which one that is.
        using (var right = await AskAsync(server, secret, Citizen, ann))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
            Assert.InRange(right.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("slow_down", (await right.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
        }

        await TakenAsync(server, secret, Other, ben);
        Assert.Equal([10, 1], new[] { "REFUSED", "THROTTLED" }.Select(act => Rows(act).Count));
        clock.Ahead = TimeSpan.FromSeconds(61);
        await TakenAsync(server, secret, Citizen, ann);
    }

    [Fact]
    public async Task The_number_stands_in_no_token_answer_file_log_or_trace()
    {
        var (canary, wrong) = (TestBsn.Next(), TestBsn.Next());
        var malformed = $"{canary[..8]}{(canary[8] - '0' + 1) % 10}";
        var said = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => said.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(listener);
        using var log = new Everything(said);
        await using (var server = await TokenServer.Start(folder, log: log))
        {
            var secret = server.Register(Portal);
            foreach (var part in (await TakenAsync(server, secret, Citizen, canary)).Parts) said.Enqueue(part);
            foreach (var (client, bsn) in new[] { ("portal", canary), ("portal", wrong), ("portal", malformed), ("nobody", canary) })
            {
                using var answer = await AskAsync(server, secret, Citizen, bsn, client);
                said.Enqueue(await answer.Content.ReadAsStringAsync());
            }

            // In the wrong field it is nobody's pseudonym, and no grant.
            using var misplaced = await server.Ask(
                ("grant_type", "client_credentials"), ("client_id", "portal"), ("client_secret", secret), ("BSN", canary), ("municipality", "GM0363"));
            said.Enqueue(await misplaced.Content.ReadAsStringAsync());
        }

        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories)) said.Enqueue(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        // The token server's own library tells of each request what it holds.
        Assert.Contains(said, text => text.Contains("connect/token", StringComparison.Ordinal));
        Assert.Contains(said, text => text.Contains(Citizen, StringComparison.Ordinal) && text.Contains("grant_type", StringComparison.Ordinal));
        foreach (var number in new[] { canary, wrong, malformed })
            Assert.DoesNotContain(said, text => text.Contains(number, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_is_killed_forgets_nobody()
    {
        await using var identity = new ServiceUnderTest("Identity");
        var address = $"http://localhost:{identity.HttpPort}/";
        string[] arguments = [$"--Data:Folder={folder}", $"--Http:Port={identity.HttpPort}"];
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        string? secret = null;
        for (var life = 0; life < 3; life++)
        {
            identity.Start(arguments);
            await PlatformFixture.Eventually(async () => await ServesAsync(http), $"it serves; it wrote {identity.Output}");
            if (secret is null)
            {
                var first = await File.ReadAllTextAsync(Path.Combine(folder, "identity", "first-operator"));
                using var request = new HttpRequestMessage(HttpMethod.Post, "clients")
                {
                    Content = new StringContent(
                        """[{"client_id":"portal","kind":"citizen","organisation_id":"portal","name":"Portal","municipalities":[],"is_portal":true}]""",
                        Encoding.UTF8, "application/json"),
                };
                request.Headers.Authorization = TokenServer.Basic("first-operator", first);
                using var registered = await http.SendAsync(request);
                secret = (await registered.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("client_secret").GetString()!;
            }

            Assert.Equal(HttpStatusCode.OK, (await AskAsync(Citizen, ann)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(Citizen, ben)).StatusCode);
            await identity.KillAsync();
        }

        Task<HttpResponseMessage> AskAsync(string citizen, string bsn) => http.PostAsync("connect/token", Form(secret!, citizen, bsn, "portal"));

        static async Task<bool> ServesAsync(HttpClient http)
        {
            try
            {
                return (await http.GetAsync("health")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // Not yet.
                return false;
            }
        }
    }

    [Fact]
    public async Task What_a_crash_cut_off_is_bound_anew_and_told_and_a_file_that_was_changed_or_a_lost_key_stops_the_start()
    {
        string secret;
        var (citizens, key) = (Path.Combine(folder, "citizens.jsonl"), Path.Combine(folder, "person.key"));
        await using (var server = await TokenServer.Start(folder))
        {
            secret = server.Register(Portal);
            await TakenAsync(server, secret, Citizen, ann);
            await TakenAsync(server, secret, Other, ben);
        }

        var whole = await File.ReadAllTextAsync(citizens);
        await File.WriteAllTextAsync(citizens, whole[..^10]);
        await using (var server = await TokenServer.Start(folder))
        {
            await RefusedAsync(server, secret, Citizen, ben, HttpStatusCode.Forbidden, "access_denied");
            await TakenAsync(server, secret, Other, ben);
        }

        Assert.Equal("The process died before the effect of row 3 and the rows behind it.", Text(Assert.Single(Rows("NOT_DONE")), "detail"));
        await using (await TokenServer.Start(folder)) { }
        Assert.Single(Rows("NOT_DONE"));

        whole = await File.ReadAllTextAsync(citizens);
        foreach (var changed in new[] { "{}\n" + whole, whole + whole.Split('\n')[0] + "\n", whole.Replace("\"person\":\"", "\"person\":\"AAAA", StringComparison.Ordinal), "\n" + whole })
        {
            await File.WriteAllTextAsync(citizens, changed);
            Assert.Contains(citizens, (await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(folder))).Message, StringComparison.Ordinal);
            Assert.Equal(changed, await File.ReadAllTextAsync(citizens));
        }

        await File.WriteAllTextAsync(citizens, whole);
        File.Move(key, key + ".kept");
        Assert.Contains(key, (await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(folder))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
        await File.WriteAllTextAsync(key, "too short");
        Assert.Contains(key, (await Assert.ThrowsAsync<InvalidDataException>(() => TokenServer.Start(folder))).Message, StringComparison.Ordinal);
        File.Move(key + ".kept", key, overwrite: true);
        await using var again = await TokenServer.Start(folder);
        await TakenAsync(again, secret, Citizen, ann);
    }

    [Fact]
    public void A_service_without_the_key_cannot_say_whom_a_token_names_until_it_is_there()
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "person.key");
        var person = new TokenPerson(new byte[32], new PersonKey(path));
        foreach (var content in new byte[]?[] { null, [], new byte[31] })
        {
            if (content is not null) File.WriteAllBytes(path, content);
            var refusal = Assert.Throws<RefusalException>(() => person.Is(ann));
            Assert.Equal(ErrorReason.ServiceUnreachable, refusal.Refusal.Reason);
            Assert.DoesNotContain(folder, refusal.Refusal.ToString(), StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, new byte[32]);
        Assert.False(person.Is(ann));
        Assert.True(new TokenPerson(HMACSHA256.HashData(new byte[32], Encoding.ASCII.GetBytes(ann)), new PersonKey(path)).Is(ann));
    }

    static FormUrlEncodedContent Form(string secret, string citizen, string bsn, string client) => new(new Dictionary<string, string>
    {
        ["grant_type"] = "client_credentials", ["client_id"] = client, ["client_secret"] = secret,
        ["citizen"] = citizen, ["municipality"] = "GM0363", ["bsn"] = bsn,
    });

    static Task<HttpResponseMessage> AskAsync(TokenServer server, string secret, string citizen, string bsn, string client = "portal") =>
        server.Http.PostAsync(IdentityServer.TokenPath, Form(secret, citizen, bsn, client));

    /// <summary>What the token names its person by, and all its parts as text.</summary>
    static async Task<(string Hash, IReadOnlyList<string> Parts)> TakenAsync(
        TokenServer server, string secret, string citizen, string bsn, string client = "portal")
    {
        using var answer = await AskAsync(server, secret, citizen, bsn, client);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        var parts = Decoded(token);
        var claims = JsonSerializer.Deserialize<JsonElement>(parts[1]);
        Assert.Equal(citizen, claims.GetProperty("organisation_id").GetString());
        return (claims.GetProperty("person").GetString()!, [token, .. parts]);
    }

    static async Task RefusedAsync(
        TokenServer server, string secret, string citizen, string bsn, HttpStatusCode status, string error, string client = "portal")
    {
        using var answer = await AskAsync(server, secret, citizen, bsn, client);
        Assert.Equal((status, error), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()));
    }

    static List<string> Decoded(string token) => [.. token.Split('.').Select(part => Encoding.Latin1.GetString(Base64Url.DecodeFromChars(part)))];

    List<JsonElement> Rows(string act) =>
    [
        .. File.ReadAllLines(Path.Combine(folder, "audit.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Where(row => Text(row, "act") == act),
    ];

    static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;

    sealed class Everything(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
