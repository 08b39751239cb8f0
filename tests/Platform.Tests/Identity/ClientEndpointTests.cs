using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BeschutWerk.Identity;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>What operators send to <c>/clients</c>: every field is checked, and what is wrong is told at once.</summary>
public sealed class ClientEndpointTests : IDisposable
{
    const string Good =
        """{"client_id":"gm0363","kind":"municipality","organisation_id":"GM0363","name":"Amsterdam","municipalities":["GM0363"]}""";

    readonly string folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_body_that_is_no_list_of_registrations_is_a_named_fault_and_registers_nobody()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = Operator(server);
        string[] wrong =
        [
            "", "null", "[null]", $"[{Good},null]", "{}", "7", "[", "[[]]", "[{}]", Good, $"[{Good},{Good}]",
            $"[{string.Join(',', Enumerable.Repeat(Good, 1001))}]",
            Without("name"), With("kind", "null"), With("kind", "\"ministry\""), With("kind", "7"), With("misspelt", "1"),
            With("name", "\"Amsterdam\",\"name\":\"Utrecht\""),
            With("client_id", "null"), With("client_id", "\"gm\\u0000\""), With("client_id", "\"\""), With("client_id", "\"a b\""),
            With("client_id", "\"\\ud800\""),
            With("client_id", "\"900000016\""), With("client_id", "\"service-uwv\""), With("client_id", "\"Service-uwv\""),
            With("client_id", "\"first-operator\""),
            With("organisation_id", "null"), With("organisation_id", "\" \""),
            With("organisation_id", $"\"{new string('x', 1024 * 1024)}\""),
            With("organisation_id", "\"900000016\""), With("organisation_id", "\"gm-900000016\""), With("organisation_id", "\"GM\\n0363\""),
            With("name", "null"), With("name", "\"\""), With("name", "\"A\\u0000B\""), With("name", $"\"{new string('x', 201)}\""),
            With("name", "\"Jan, 900000016\""),
            With("municipalities", "null"), With("municipalities", "[null]"), With("municipalities", "[]"),
            With("municipalities", "[\"GM0363\",\"GM0363\"]"),
            With("municipalities", "[\"363\"]"),
            With("municipalities", $"[{string.Join(',', Enumerable.Range(0, 501).Select(n => $"\"GM{n:0000}\""))}]"),
            With("mandated_by", "\"\""), With("mandated_by", "\"900000016\""), With("is_portal", "true"), With("is_portal", "null"),
            $$"""[{"client_id":"svc","kind":"service","organisation_id":"host","name":"All","municipalities":[]}]""",
            $"[{new string('[', 200)}",
        ];
        foreach (var body in wrong)
        {
            using var response = await server.PostClients(body, "an-operator", secret);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{response.StatusCode}: {body[..Math.Min(200, body.Length)]}");
            var errors = await Errors(response);
            Assert.NotEmpty(errors);
            // Nobody's number is sent back, and no megabyte.
            Assert.DoesNotContain(errors, error => error.Contains("900000016", StringComparison.Ordinal) || error.Length > 1000);
        }

        using var renew = await server.PostClients($"[{Good}]", "an-operator", secret, "?renew=perhaps");
        Assert.Equal(HttpStatusCode.BadRequest, renew.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskToken("gm0363", "any")).StatusCode);
        Assert.DoesNotContain("GM0363", await File.ReadAllTextAsync(Path.Combine(folder, Clients.FileName)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_with_several_registrations_is_told_at_once()
    {
        await using var server = await TokenServer.Start(folder);
        var bad = """{"client_id":"uwv","kind":"uwv","organisation_id":"900000016","name":"","municipalities":["GM0363"]}""";

        using var response = await server.PostClients($"[{Good},{bad},null]", "an-operator", Operator(server));

        Assert.Equal(
            [
                "[2] is null.",
                "Client 'uwv': name must be 1 to 200 characters, none of them a control character.",
                "Client 'uwv': organisation_id holds a number that passes the eleven-test of the citizen service number.",
                "Client 'uwv' names 1 municipalities; a municipality names at least one, others none.",
            ],
            await Errors(response));
    }

    [Fact]
    public async Task Only_operators_register_and_delete()
    {
        await using var server = await TokenServer.Start(folder);
        var uwv = server.Register(new("uwv", OrganisationKind.Uwv, "uwv", "UWV", []));
        Operator(server);

        using var registered = await server.PostClients($"[{Good}]", "uwv", uwv);
        using var deleted = await server.Send(HttpMethod.Delete, "/clients/an-operator", "uwv", uwv);
        using var wrongSecret = await server.Send(HttpMethod.Delete, "/clients/uwv", "an-operator", "wrong");

        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized),
            (registered.StatusCode, deleted.StatusCode, wrongSecret.StatusCode));
        Assert.Equal(HttpStatusCode.OK, (await server.AskToken("uwv", uwv)).StatusCode);
    }

    [Fact]
    public async Task A_deleted_client_is_nobody_and_may_be_registered_anew()
    {
        await using var server = await TokenServer.Start(folder);
        var (secret, uwv) = (Operator(server), server.Register(new("uwv", OrganisationKind.Uwv, "uwv", "UWV", [])));

        using var deleted = await server.Send(HttpMethod.Delete, "/clients/uwv", "an-operator", secret);
        using var again = await server.Send(HttpMethod.Delete, "/clients/uwv", "an-operator", secret);
        using var reserved = await server.Send(HttpMethod.Delete, "/clients/first-operator", "an-operator", secret);

        Assert.Equal(
            (HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.Conflict),
            (deleted.StatusCode, again.StatusCode, reserved.StatusCode));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.AskToken("uwv", uwv)).StatusCode);
        const string Again = """[{"client_id":"uwv","kind":"uwv","organisation_id":"uwv","name":"UWV","municipalities":[]}]""";
        using var anew = await server.PostClients(Again, "an-operator", secret);
        var made = (await anew.Content.ReadFromJsonAsync<JsonElement>())[0].GetProperty("client_secret").GetString()!;
        Assert.NotEqual(uwv, made);
        Assert.Equal(HttpStatusCode.OK, (await server.AskToken("uwv", made)).StatusCode);
    }

    static string Operator(TokenServer server) =>
        server.Register(new("an-operator", OrganisationKind.Operator, "operator", "Operator", []));

    static async Task<List<string>> Errors(HttpResponseMessage response)
    {
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return [.. answer.GetProperty("errors").EnumerateArray().Select(error => error.GetString()!)];
    }

    static string With(string field, string json)
    {
        var others = Without(field);
        return $"{others[..^2]},\"{field}\":{json}}}]";
    }

    static string Without(string field)
    {
        var registration = System.Text.Json.Nodes.JsonNode.Parse(Good)!.AsObject();
        registration.Remove(field);
        return $"[{registration.ToJsonString()}]";
    }
}
