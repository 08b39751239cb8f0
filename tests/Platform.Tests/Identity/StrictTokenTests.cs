using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>Tokens that the token server signed, and that say something in another way than it does: services take none of them.</summary>
public sealed class StrictTokenTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private static readonly (string What, string? Json)[] HeaderCases =
    [
        ("crit", """["exp"]"""), ("crit", "[]"), ("crit", "null"), ("typ", "\"JWT\""), ("typ", "\"id+jwt\""),
        ("typ", "null"), ("typ", null), ("typ", "[\"at+jwt\"]"),
        ("alg", "\"none\""), ("alg", "\"HS256\""), ("alg", "null"),
    ];

    private const string Person = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    private static readonly (string What, string? Json)[] PayloadCases =
    [
        ("organisation_kind", "null"), ("organisation_kind", "7"), ("organisation_kind", "[\"uwv\"]"), ("organisation_kind", "\"UWV\""),
        ("organisation_kind", null),
        ("organisation_id", "null"), ("organisation_id", "7"), ("organisation_id", "\"\""), ("organisation_id", "\"u v\""),
        ("organisation_id", "\"u\\nv\""),
        ("organisation_id", "\"\\ud800\""), ("organisation_id", "[\"uwv\"]"), ("organisation_id", null),
        ("organisation_id", $"\"{new string('u', 101)}\""),
        ("municipalities", "null"), ("municipalities", "\"GM0363\""), ("municipalities", "[null]"), ("municipalities", "[7]"),
        ("municipalities", "[\"gm0363\"]"),
        ("municipalities", "{}"), ("municipalities", "[\"GM0363\"]"),
        ("client_id", "null"), ("client_id", null), ("jti", "null"), ("jti", "7"),
        ("client_version", "null"), ("client_version", "\"1\""), ("client_version", "1.5"),
        // Only a citizen's token names a person.
        ("person", "null"), ("person", $"\"{Person}\""),
        ("exp", "null"), ("exp", "\"4102444800\""), ("exp", null), ("nbf", "4102444800"), ("aud", "null"),
        ("aud", "\"another\""), ("iss", "null"), ("iss", "\"http://localhost/\""),
    ];

    [Fact]
    public async Task A_token_that_is_not_exactly_as_it_must_be_is_refused_and_is_no_error_of_ours()
    {
        var (header, payload) = await PartsAsync();
        var caller = await TakenAsync(Sign(header.ToJsonString(), payload.ToJsonString()));
        Assert.Equal("uwv:uwv", caller?.Actor);

        var taken = new List<string>();
        foreach (var (what, json) in HeaderCases) await TryAsync($"header {what} {json}", With(header, what, json), payload.ToJsonString());
        foreach (var (what, json) in PayloadCases) await TryAsync($"{what} {json}", header.ToJsonString(), With(payload, what, json));
        // A claim twice: whoever reads the first and whoever reads the last must not see two different callers.
        await TryAsync("kind twice", header.ToJsonString(), payload.ToJsonString()[..^1] + ",\"organisation_kind\":\"operator\"}");
        await TryAsync("typ twice", header.ToJsonString()[..^1] + ",\"typ\":\"at+jwt\"}", payload.ToJsonString());
        foreach (var nothing in new[] { "null", "[]", "7", "", "{" }) await TryAsync($"payload {nothing}", header.ToJsonString(), nothing);
        Assert.Empty(taken);

        async Task TryAsync(string what, string changedHeader, string changedPayload)
        {
            if (await TakenAsync(Sign(changedHeader, changedPayload)) is not null) taken.Add(what);
        }
    }

    [Fact]
    public async Task Its_caller_hears_that_a_valid_token_is_needed()
    {
        var (header, payload) = await PartsAsync();
        var critical = Sign(With(header, "crit", "[\"exp\"]"), payload.ToJsonString());
        var nobody = Sign(header.ToJsonString(), With(payload, "organisation_id", "null"));
        foreach (var token in new[] { critical, nobody, "a.b.c", "." })
        {
            var client = new EventService.EventServiceClient(platform.WithToken(token));
            var request = new ReadEventsRequest { Municipality = "GM0363" };
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ReadEventsAsync(request));
            Assert.Equal(ErrorReason.NotAuthenticated, RefusalStatus.ReasonOf(refused));
        }
    }

    [Fact]
    public async Task What_a_municipality_or_citizen_may_reach_must_be_said_as_it_is_registered()
    {
        var (header, payload) = await PartsAsync();
        foreach (var (kind, codes, isTaken) in new[]
        {
            ("municipality", "[\"GM0363\",\"GM0599\"]", true), ("municipality", "[]", false),
            ("citizen", "[\"GM0363\"]", true), ("citizen", "[]", false), ("citizen", "[\"GM0363\",\"GM0599\"]", false),
        })
        {
            var changed = JsonNode.Parse(With(payload, "organisation_kind", $"\"{kind}\""))!.AsObject();
            if (kind == "citizen") changed["person"] = Person;
            Assert.Equal(isTaken, await TakenAsync(Sign(header.ToJsonString(), With(changed, "municipalities", codes))) is not null);
        }
    }

    [Fact]
    public async Task A_citizens_token_names_one_person_by_a_hash_or_is_none()
    {
        var (header, payload) = await PartsAsync();
        (payload["organisation_kind"], payload["municipalities"]) = ("citizen", new JsonArray("GM0363"));
        Assert.NotNull(await TakenAsync(Sign(header.ToJsonString(), With(payload, "person", $"\"{Person}\""))));
        foreach (var json in new[] { null, "null", "7", "\"\"", "[]", $"[\"{Person}\"]", $"\"{Person}A\"", $"\"{Person[1..]}\"", $"\"{Person[1..]}=\"", $"\"{Person[1..]}*\"", "\"900000016\"" })
        {
            Assert.True(await TakenAsync(Sign(header.ToJsonString(), With(payload, "person", json))) is null, json);
        }
    }

    private async Task<Caller?> TakenAsync(string token) =>
        await platform.App.Services.GetRequiredService<TokenValidator>().ValidateAsync(token);

    /// <summary>Header and claims of a token of UWV.</summary>
    private async Task<(JsonObject Header, JsonObject Payload)> PartsAsync()
    {
        var client = new ClientRegistration("uwv-strict", IdentityKind.Uwv, "uwv", "UWV", []);
        var secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([client], renewSecret: _ => true)[0].NewSecret!;
        using var http = new HttpClient();
        using var tokens = new AccessTokens(http, platform.Options.Authority, client.ClientId, secret);
        var parts = (await tokens.GetAsync(TestContext.Current.CancellationToken)).Split('.');
        return (Read(parts[0]), Read(parts[1]));

        static JsonObject Read(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
    }

    private static string With(JsonObject part, string name, string? json)
    {
        var changed = part.DeepClone().AsObject();
        changed.Remove(name);
        var text = changed.ToJsonString();
        return json is null ? text : $"{text[..^1]},\"{name}\":{json}}}";
    }

    private string Sign(string header, string payload)
    {
        using var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(platform.Options.DataFolder, "identity", "signing-key.pem")));
        var said = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{said}.{Encode(key.SignData(Encoding.ASCII.GetBytes(said), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";

        static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
    }
}
