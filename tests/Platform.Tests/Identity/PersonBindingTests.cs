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
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;
using BeschutWerk.Platform.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>A citizen's pseudonym stands for one person from its first token on, and nobody but who knows them learns from a token who it is.</summary>
public sealed class PersonBindingTests : BindingTest
{
    [Fact]
    public async Task A_token_names_the_person_for_whom_the_portal_vouches_by_a_keyed_hash()
    {
        await using var server = await TokenServer.Start(Folder);
        var secret = server.Register(Portal);

        var (hash, parts) = await TakenAsync(server, secret, Citizen, Ann);

        var key = await File.ReadAllBytesAsync(Path.Combine(Folder, "person.key"));
        Assert.Equal(32, key.Length);
        Assert.Equal(Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(Ann))), hash);
        Assert.True(new TokenPerson(Base64Url.DecodeFromChars(hash), new PersonKey(Path.Combine(Folder, "person.key"))).Is(Ann));
        Assert.All(parts, part => Assert.DoesNotContain(Ann, part, StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "person.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "citizens.jsonl")));

        // Who speaks for no citizen names nobody.
        var uwv = server.Register(new("uwv", IdentityKind.Uwv, "uwv", "UWV", []));
        Assert.DoesNotContain("\"person\"", Decoded(await server.Token("uwv", uwv))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pseudonym_stays_with_its_person_also_after_a_restart_and_at_another_portal()
    {
        string secret, second;
        await using (var server = await TokenServer.Start(Folder))
        {
            (secret, second) = (server.Register(Portal), server.Register(Portal with { ClientId = "portal-2", OrganisationId = "portal-2" }));
            await TakenAsync(server, secret, Citizen, Ann);
            await RefusedAsync(server, secret, Citizen, Ben, HttpStatusCode.Forbidden, "access_denied");
        }

        await using var after = await TokenServer.Start(Folder);
        await RefusedAsync(after, secret, Citizen, Ben, HttpStatusCode.Forbidden, "access_denied");
        await RefusedAsync(after, second, Citizen, Ben, HttpStatusCode.Forbidden, "access_denied", "portal-2");
        var (hash, _) = await TakenAsync(after, secret, Citizen, Ann);
        Assert.Equal(hash, (await TakenAsync(after, second, Citizen, Ann, "portal-2")).Hash);

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
        await using var server = await TokenServer.Start(Folder);
        var secret = server.Register(Portal);
        var (hash, _) = await TakenAsync(server, secret, Citizen, Ann);
        Assert.Equal(hash, (await TakenAsync(server, secret, Other, Ann)).Hash);
        Assert.Equal(2, Rows("CITIZEN_BOUND").Count);
    }

    [Fact]
    public async Task Of_two_persons_who_come_at_once_under_one_pseudonym_it_becomes_one_s()
    {
        await using var server = await TokenServer.Start(Folder);
        var secret = server.Register(Portal);
        // Few enough of one citizen that nobody waits.
        var asked = Enumerable.Range(0, 10).Select(i => (Citizen: $"7b0f3c1e-55aa-5c1e-8d2f-{i % 5:000000000000}", Bsn: i < 5 ? Ann : Ben)).ToList();

        var answers = await Task.WhenAll(
            asked.Select(async one => (one.Citizen, one.Bsn, Answer: await AskAsync(server, secret, one.Citizen, one.Bsn))));

        foreach (var ofCitizen in answers.GroupBy(one => one.Citizen))
        {
            var taken = ofCitizen.Single(one => one.Answer.IsSuccessStatusCode);
            var refused = ofCitizen.Single(one => !one.Answer.IsSuccessStatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, refused.Answer.StatusCode);
            await TakenAsync(server, secret, taken.Citizen, taken.Bsn);
        }

        Assert.Equal(5, Rows("CITIZEN_BOUND").Count);
        Assert.Equal(5, (await File.ReadAllLinesAsync(Path.Combine(Folder, "citizens.jsonl"))).Length);
    }

    [Fact]
    public async Task Who_tries_persons_for_a_citizen_waits_and_other_citizens_do_not()
    {
        var clock = new FastClock();
        await using var server = await TokenServer.Start(Folder, clock);
        var secret = server.Register(Portal);
        await TakenAsync(server, secret, Citizen, Ann);
        for (var i = 0; i < 10; i++) await RefusedAsync(server, secret, Citizen, TestBsn.Next(), HttpStatusCode.Forbidden, "access_denied");

        // Also the right one: it must not show which one that is.
        using (var right = await AskAsync(server, secret, Citizen, Ann))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
            Assert.InRange(right.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("slow_down", (await right.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
        }

        await TakenAsync(server, secret, Other, Ben);
        Assert.Equal([10, 1], new[] { "REFUSED", "THROTTLED" }.Select(act => Rows(act).Count));
        clock.Ahead = TimeSpan.FromSeconds(61);
        await TakenAsync(server, secret, Citizen, Ann);
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
        await using (var server = await TokenServer.Start(Folder, log: log))
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

        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
            said.Enqueue(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        // The token server's own library tells of each request what it holds.
        Assert.Contains(said, text => text.Contains("connect/token", StringComparison.Ordinal));
        Assert.Contains(said, text => text.Contains(Citizen, StringComparison.Ordinal) && text.Contains("grant_type", StringComparison.Ordinal));
        foreach (var number in new[] { canary, wrong, malformed })
            Assert.DoesNotContain(said, text => text.Contains(number, StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_without_the_key_cannot_say_whom_a_token_names_until_it_is_there()
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, "person.key");
        var person = new TokenPerson(new byte[32], new PersonKey(path));
        foreach (var content in new byte[]?[] { null, [], new byte[31] })
        {
            if (content is not null) File.WriteAllBytes(path, content);
            var refusal = Assert.Throws<RefusalException>(() => person.Is(Ann));
            Assert.Equal(ErrorReason.ServiceUnreachable, refusal.Refusal.Reason);
            Assert.DoesNotContain(Folder, refusal.Refusal.ToString(), StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, new byte[32]);
        Assert.False(person.Is(Ann));
        Assert.True(new TokenPerson(HMACSHA256.HashData(new byte[32], Encoding.ASCII.GetBytes(Ann)), new PersonKey(path)).Is(Ann));
    }

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
