using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.BackboneTests;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>What was done to clients and who was refused is written down, and not rewritten unseen; who keeps guessing waits, and nobody else.</summary>
public sealed class AuditLogTests : IDisposable
{
    const string Utrecht =
        """[{"client_id":"gm0344","kind":"municipality","organisation_id":"GM0344","name":"Utrecht","municipalities":["GM0344"]}]""";

    static readonly ClientRegistration Operator = new("an-operator", OrganisationKind.Operator, "operator", "Operator", []);

    readonly string folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");

    string File => Path.Combine(folder, "audit.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_registration_renewal_deletion_and_refusal_is_a_row_and_none_holds_a_secret()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Operator);
        var mistaken = "a-secret-in-the-field-of-the-client-id";
        (await server.PostClients(Utrecht, Operator.ClientId, secret)).EnsureSuccessStatusCode();
        (await server.PostClients(Utrecht, Operator.ClientId, secret)).EnsureSuccessStatusCode();
        var more = Utrecht.Replace("[\"GM0344\"]", "[\"GM0344\",\"GM0363\"]", StringComparison.Ordinal);
        (await server.PostClients(more, Operator.ClientId, secret)).EnsureSuccessStatusCode();
        ClientRegistration less = new("gm0344", OrganisationKind.Municipality, "GM0344", "Utrecht", ["GM0344"]);
        var utrecht = server.Clients.RegisterAll([less], renewSecret: _ => true)[0].NewSecret!;
        var token = await server.Token("gm0344", utrecht);
        using var revoked = await server.Ask(
            IdentityServer.RevokePath, ("client_id", "gm0344"), ("client_secret", utrecht), ("token", token));
        revoked.EnsureSuccessStatusCode();
        await server.PostClients("[null]", Operator.ClientId, secret);
        await server.PostClients(Utrecht, "gm0344", utrecht);
        await server.AskToken("gm0344", "a-wrong-secret");
        await server.AskToken(mistaken, secret);
        (await server.Send(HttpMethod.Delete, "/clients/gm0344", Operator.ClientId, secret)).EnsureSuccessStatusCode();

        var rows = Rows();
        Assert.Equal(
            [
                ("REGISTERED", "an-operator", null), ("REGISTERED", "gm0344", "an-operator"), ("CHANGED", "gm0344", "an-operator"),
                ("RENEWED", "gm0344", null), ("TOKEN_REVOKED", "gm0344", "gm0344"), ("REFUSED", "an-operator", null),
                ("REFUSED", "gm0344", null), ("REFUSED", "gm0344", null), ("REFUSED", null, null),
                ("DELETED", "gm0344", "an-operator"),
            ],
            rows.Select(row => (row.GetProperty("act").GetString()!, Text(row, "client"), Text(row, "by"))));
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(row => row.GetProperty("row").GetInt32()));
        Assert.Equal("municipality GM0344, municipalities: GM0344 GM0363", Text(rows[2], "detail"));
        Assert.Equal("127.0.0.1", Text(rows[2], "address"));
        var text = System.IO.File.ReadAllText(File);
        foreach (var hidden in new[] { secret, utrecht, token, "a-wrong-secret", mistaken })
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_ten_wrong_secrets_a_wrong_one_waits_and_the_right_one_passes_at_every_address_of_the_server()
    {
        var clock = new FastClock();
        await using var server = await TokenServer.Start(folder, clock);
        var secret = server.Register(Operator);
        var token = await server.Token(Operator.ClientId, secret);
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskToken(Operator.ClientId, "wrong")).StatusCode);

        foreach (var wrong in await EverywhereAsync("wrong"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, wrong.StatusCode);
            Assert.InRange(wrong.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Equal("slow_down", (await wrong.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
        }

        Assert.All(await EverywhereAsync(secret), right => Assert.Equal(HttpStatusCode.OK, right.StatusCode));
        Assert.Equal([10, 1], new[] { "REFUSED", "THROTTLED" }.Select(act => Rows().Count(row => Text(row, "act") == act)));

        // The right one does not end the wait of a wrong one.
        Assert.All(await EverywhereAsync("wrong"), wrong => Assert.Equal(HttpStatusCode.TooManyRequests, wrong.StatusCode));
        clock.Ahead = TimeSpan.FromSeconds(61);
        Assert.All(await EverywhereAsync("wrong"), wrong => Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode));

        async Task<List<HttpResponseMessage>> EverywhereAsync(string tried) =>
        [
            await server.AskToken(Operator.ClientId, tried),
            await server.Send(HttpMethod.Post, IdentityServer.TokenPath, Operator.ClientId, tried, Form(("grant_type", "client_credentials"))),
            await server.PostClients("[]", Operator.ClientId, tried),
            await server.Ask(IdentityServer.RevokePath, ("client_id", Operator.ClientId), ("client_secret", tried), ("token", token)),
            await server.Send(HttpMethod.Post, IdentityServer.RevokePath, Operator.ClientId, tried, Form(("token", token))),
        ];
    }

    [Fact]
    public async Task An_unknown_client_is_answered_as_a_wrong_secret_is_also_after_ten()
    {
        await using var server = await TokenServer.Start(folder, new StoppedClock());
        server.Register(Operator);

        var known = await AnswersAsync(Operator.ClientId);

        Assert.Equal(known, await AnswersAsync("nobody"));
        Assert.Equal([(401, 10), (429, 5)], known.CountBy(answer => int.Parse(answer[..3], CultureInfo.InvariantCulture)).Select(count => (count.Key, count.Value)));

        async Task<List<string>> AnswersAsync(string clientId)
        {
            List<string> answers = [];
            for (var i = 0; i < 5; i++)
            {
                foreach (var answer in new[]
                {
                    await server.AskToken(clientId, "wrong"), await server.PostClients("[]", clientId, "wrong"),
                    await server.Ask(IdentityServer.RevokePath, ("client_id", clientId), ("client_secret", "wrong"), ("token", "any")),
                })
                    answers.Add($"{(int)answer.StatusCode} {answer.Headers.RetryAfter} {answer.Headers.WwwAuthenticate} {await answer.Content.ReadAsStringAsync()}");
            }

            return answers;
        }
    }

    [Fact]
    public async Task Who_has_the_right_secret_and_may_not_is_refused_every_time_and_never_waits()
    {
        await using var server = await TokenServer.Start(folder, new StoppedClock());
        var secret = server.Register(new("uwv", OrganisationKind.Uwv, "uwv", "UWV", []));
        for (var i = 0; i < 12; i++) Assert.Equal(HttpStatusCode.Forbidden, (await server.PostClients(Utrecht, "uwv", secret)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await server.AskToken("uwv", secret)).StatusCode);
        Assert.Equal([12, 0], new[] { "REFUSED", "THROTTLED" }.Select(act => Rows().Count(row => Text(row, "act") == act)));
    }

    [Fact]
    public async Task Who_tries_many_clients_from_one_address_shuts_nobody_out_and_fills_no_disk()
    {
        await using var server = await TokenServer.Start(folder, new StoppedClock());
        var secret = server.Register(Operator);
        for (var i = 0; i < 120; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskToken($"gm{i:0000}", "wrong")).StatusCode);
        // An id that no client can have is answered as any other is.
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskToken("no client", "wrong")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await server.AskToken(Operator.ClientId, secret)).StatusCode);
        Assert.Equal([100, 1], new[] { "REFUSED", "REFUSALS_NOT_WRITTEN" }.Select(act => Rows().Count(row => Text(row, "act") == act)));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("taken out")]
    [InlineData("slipped in")]
    public async Task A_row_that_is_changed_taken_out_or_slipped_in_is_told_at_the_next_start(string what)
    {
        await FourRowsAsync();
        var lines = (await System.IO.File.ReadAllLinesAsync(File)).ToList();
        if (what == "changed") lines[1] = lines[1].Replace("gm0001", "gm0009", StringComparison.Ordinal);
        else if (what == "taken out") lines.RemoveAt(1);
        else lines.Insert(1, lines[0]);
        await System.IO.File.WriteAllLinesAsync(File, lines);

        await using var server = await TokenServer.Start(folder);
        var told = Rows().Where(row => Text(row, "act") == "CHAIN_BROKEN").ToList();
        Assert.Equal("Row 2, or the one before it, is not what was written there.", Text(Assert.Single(told), "detail"));
    }

    [Fact]
    public async Task An_end_that_was_cut_off_is_told_and_half_a_row_of_a_crash_is_dropped()
    {
        await FourRowsAsync();
        var lines = await System.IO.File.ReadAllLinesAsync(File);
        await System.IO.File.WriteAllTextAsync(File, $"{lines[0]}\n{lines[1]}\n{lines[2][..40]}");

        await using (var server = await TokenServer.Start(folder)) server.Clients.RegisterAll([Numbered(7)]);
        var rows = Rows();
        Assert.Equal(["REGISTERED", "REGISTERED", "CHAIN_BROKEN", "REGISTERED"], rows.Select(row => Text(row, "act")));
        Assert.Equal("The rows ended at 2, and once reached 4.", Text(rows[2], "detail"));
        Assert.Equal([1, 2, 5, 6], rows.Select(row => row.GetProperty("row").GetInt32()));

        // What was told once is not told again.
        await using (await TokenServer.Start(folder)) { }
        Assert.Equal(4, Rows().Count);
    }

    [Fact]
    public async Task What_a_crash_kept_from_having_effect_is_told()
    {
        await FourRowsAsync();
        var clients = Path.Combine(folder, Clients.FileName);
        var before = await System.IO.File.ReadAllBytesAsync(clients);
        await using (var server = await TokenServer.Start(folder)) server.Clients.RegisterAll([Numbered(7)]);
        await System.IO.File.WriteAllBytesAsync(clients, before);

        await using (var server = await TokenServer.Start(folder)) server.Clients.RegisterAll([Numbered(8)]);

        Assert.Equal(["REGISTERED", "NOT_DONE", "REGISTERED"], Rows().Skip(4).Select(row => Text(row, "act")));
        Assert.Contains("row 5 ", Text(Rows()[5], "detail"), StringComparison.Ordinal);
    }

    async Task FourRowsAsync()
    {
        await using var server = await TokenServer.Start(folder);
        for (var i = 0; i < 4; i++) server.Clients.RegisterAll([Numbered(i)]);
    }

    static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    static ClientRegistration Numbered(int number) =>
        new($"gm{number:0000}", OrganisationKind.Municipality, $"GM{number:0000}", "A municipality", [$"GM{number:0000}"]);

    /// <summary>All rows.</summary>
    List<JsonElement> Rows() => [.. System.IO.File.ReadAllLines(File).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;

    sealed class StoppedClock : TimeProvider
    {
        readonly DateTimeOffset now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => now;
    }
}
