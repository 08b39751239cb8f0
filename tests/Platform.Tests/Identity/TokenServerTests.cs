using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BeschutWerk.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BeschutWerk.Platform.Tests.Identity;

public sealed class TokenServerTests : IDisposable
{
    static readonly ClientRegistration Amsterdam =
        new("gm0363", OrganisationKind.Municipality, "GM0363", "Amsterdam", ["GM0363"]);

    readonly string folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_token_validates_against_the_published_keys_and_says_who_calls()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Amsterdam);

        var text = await server.Token("gm0363", secret);
        Assert.True((await server.Validate(text)).IsValid);

        var token = new JsonWebToken(text);
        Assert.Equal("RS256", token.Alg);
        Assert.Equal((await server.Keys()).Keys.Single().KeyId, token.Kid);
        var claims = Payload(token);
        Assert.Equal(TokenServer.Issuer, claims.GetProperty("iss").GetString());
        Assert.Equal("beschutwerk", claims.GetProperty("aud").GetString());
        Assert.Equal("gm0363", claims.GetProperty("sub").GetString());
        Assert.Equal("gm0363", claims.GetProperty("azp").GetString());
        Assert.Equal("gm0363", claims.GetProperty("client_id").GetString());
        Assert.Equal("municipality", claims.GetProperty("organisation_kind").GetString());
        Assert.Equal("GM0363", claims.GetProperty("organisation_id").GetString());
        Assert.Equal(["GM0363"], Municipalities(claims));
        Assert.False(claims.TryGetProperty("mandated_by", out _));
        Assert.Equal(3600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
    }

    [Fact]
    public async Task A_body_with_a_mandate_carries_every_code_and_who_gave_the_mandate()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(new("laborijn", OrganisationKind.Municipality, "laborijn", "Laborijn", ["GM0222", "GM1509"], MandatedBy: "GM0222"));

        var claims = Payload(new JsonWebToken(await server.Token("laborijn", secret)));

        Assert.Equal(["GM0222", "GM1509"], Municipalities(claims));
        Assert.Equal("GM0222", claims.GetProperty("mandated_by").GetString());
    }

    [Theory]
    [InlineData(OrganisationKind.Uwv, "uwv")]
    [InlineData(OrganisationKind.Sw, "sw")]
    [InlineData(OrganisationKind.Cedris, "cedris")]
    [InlineData(OrganisationKind.Szw, "szw")]
    [InlineData(OrganisationKind.Operator, "operator")]
    [InlineData(OrganisationKind.Service, "service")]
    public async Task An_organisation_without_municipalities_carries_an_empty_list(OrganisationKind kind, string written)
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(new("client", kind, "organisation", "Organisation", []));

        var claims = Payload(new JsonWebToken(await server.Token("client", secret)));

        Assert.Equal(written, claims.GetProperty("organisation_kind").GetString());
        Assert.Empty(Municipalities(claims));
    }

    [Fact]
    public async Task Every_token_has_an_id_of_its_own_of_128_bits()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Amsterdam);

        var first = new JsonWebToken(await server.Token("gm0363", secret)).Id;
        var second = new JsonWebToken(await server.Token("gm0363", secret)).Id;

        Assert.NotEqual(first, second);
        Assert.Equal(128, 8 * Base64Url.DecodeFromChars(first).Length);
    }

    [Fact]
    public async Task The_secret_may_also_come_in_the_authorization_header()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Amsterdam);
        using var request = new HttpRequestMessage(HttpMethod.Post, IdentityServer.TokenPath)
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"gm0363:{secret}")));

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_wrong_secret_or_an_unknown_client_is_refused_alike()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Amsterdam);

        using var wrongSecret = await server.AskToken("gm0363", secret + "x");
        using var unknownClient = await server.AskToken("gm9999", secret);
        using var noSecret = await server.Ask(("grant_type", "client_credentials"), ("client_id", "gm0363"));

        Assert.Equal(HttpStatusCode.Unauthorized, wrongSecret.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unknownClient.StatusCode);
        Assert.Equal("invalid_client", await Error(wrongSecret));
        Assert.Equal(await wrongSecret.Content.ReadAsStringAsync(), await unknownClient.Content.ReadAsStringAsync());
        Assert.False(noSecret.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("refresh_token")]
    [InlineData("authorization_code")]
    [InlineData("something")]
    public async Task Another_grant_is_refused(string grant)
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Amsterdam);

        using var response = await server.Ask(("grant_type", grant), ("client_id", "gm0363"), ("client_secret", secret),
            ("username", "a"), ("password", "b"), ("refresh_token", "c"), ("code", "d"), ("redirect_uri", "http://localhost/"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("unsupported_grant_type", await Error(response));
    }

    [Theory]
    [InlineData("grant_type=client_credentials&client_id=gm%000363&client_secret=x")]
    [InlineData("grant_type=client_credentials&client_id=gm%0A0363&client_secret=x")]
    [InlineData("grant_type=client_credentials&client_id=gm0363&client_id=uwv&client_secret=x")]
    [InlineData("grant_type=client_credentials&client_id=gm0363&client_secret=MANY")]
    [InlineData("grant_type=client_credentials&client_id=gm0363&client_secret=LONG")]
    [InlineData("%00")]
    [InlineData("=&=&=")]
    [InlineData("")]
    public async Task A_form_that_is_none_is_a_named_fault_of_the_caller(string form)
    {
        await using var server = await TokenServer.Start(folder);
        server.Register(Amsterdam);
        form = form.Replace("MANY", string.Concat(Enumerable.Range(0, 2000).Select(number => $"&f{number}=1")), StringComparison.Ordinal);
        form = form.Replace("LONG", new string('x', 100_000), StringComparison.Ordinal);

        foreach (var path in new[] { IdentityServer.TokenPath, IdentityServer.RevokePath })
        {
            using var content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded");
            using var response = await server.Http.PostAsync(path, content);

            Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized, $"{path}: {response.StatusCode}");
            Assert.True(await Error(response) is "invalid_request" or "invalid_client");
        }
    }

    [Theory]
    [InlineData("192.0.2.7", HttpStatusCode.BadRequest)]
    [InlineData("::ffff:192.0.2.7", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("::1", HttpStatusCode.OK)]
    public async Task Without_certificate_only_callers_on_this_machine_are_answered(string caller, HttpStatusCode expected)
    {
        await using var server = await TokenServer.Start(folder, caller: IPAddress.Parse(caller));
        var secret = server.Register(Amsterdam);

        using var response = await server.AskToken("gm0363", secret);
        using var clients = await server.PostClients("[]", "nobody", "nothing");
        using var revocations = await server.Http.GetAsync(IdentityServer.RevocationsPath);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? HttpStatusCode.Unauthorized : expected, clients.StatusCode);
        Assert.Equal(expected, revocations.StatusCode);
    }

    [Fact]
    public async Task With_a_certificate_plain_http_is_refused_even_on_this_machine()
    {
        await using var server = await TokenServer.Start(folder, issuer: "https://identity.example/");
        var secret = server.Register(Amsterdam);

        using var response = await server.AskToken("gm0363", secret);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_request", await Error(response));
    }

    [Fact]
    public async Task Discovery_names_the_endpoints_of_the_issuer_whatever_the_caller_says_and_nothing_that_is_not_served()
    {
        await using var server = await TokenServer.Start(folder);
        using var request = new HttpRequestMessage(HttpMethod.Get, IdentityServer.DiscoveryPath);
        request.Headers.Host = "elsewhere.example";

        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var discovery = JsonSerializer.Deserialize<JsonElement>(text);

        Assert.DoesNotContain("elsewhere", text, StringComparison.Ordinal);

        Assert.Equal(TokenServer.Issuer, discovery.GetProperty("issuer").GetString());
        Assert.Equal(TokenServer.Issuer + "connect/token", discovery.GetProperty("token_endpoint").GetString());
        Assert.Equal(TokenServer.Issuer + ".well-known/jwks", discovery.GetProperty("jwks_uri").GetString());
        Assert.Equal(TokenServer.Issuer + "connect/revoke", discovery.GetProperty("revocation_endpoint").GetString());
        Assert.Equal(["client_credentials"], Strings(discovery.GetProperty("grant_types_supported")));
        Assert.Equal(["client_secret_basic", "client_secret_post"],
            Strings(discovery.GetProperty("token_endpoint_auth_methods_supported")).Order(StringComparer.Ordinal));
        Assert.False(discovery.TryGetProperty("authorization_endpoint", out _));
        Assert.False(discovery.TryGetProperty("scopes_supported", out _));
        var published = await server.Http.GetStringAsync(IdentityServer.KeysPath);
        Assert.DoesNotContain("\"d\"", published, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_for_others_in_the_process_do_not_pass_the_token_server()
    {
        await using var server = await TokenServer.Start(folder);

        Assert.False(await server.Http.GetFromJsonAsync<bool>(TokenServer.OtherPath));
    }

    [Fact]
    public async Task After_a_restart_the_key_the_clients_and_older_tokens_are_still_good()
    {
        string secret, token, kid;
        await using (var before = await TokenServer.Start(folder))
        {
            secret = before.Register(Amsterdam);
            token = await before.Token("gm0363", secret);
            kid = (await before.Keys()).Keys.Single().KeyId;
        }

        await using var after = await TokenServer.Start(folder);

        Assert.Equal(kid, (await after.Keys()).Keys.Single().KeyId);
        Assert.True((await after.Validate(token)).IsValid);
        Assert.True((await after.Validate(await after.Token("gm0363", secret))).IsValid);
    }

    [Fact]
    public async Task A_token_of_another_server_is_not_valid_here()
    {
        await using var server = await TokenServer.Start(Path.Combine(folder, "one"));
        await using var other = await TokenServer.Start(Path.Combine(folder, "two"));
        var token = await other.Token("gm0363", other.Register(Amsterdam));

        Assert.False((await server.Validate(token)).IsValid);
    }

    [Fact]
    public async Task The_given_clock_decides_when_a_token_ends()
    {
        var noon = new DateTimeOffset(2018, 6, 15, 12, 0, 0, TimeSpan.Zero);
        await using var server = await TokenServer.Start(folder, new StoppedClock(noon));
        var token = await server.Token("gm0363", server.Register(Amsterdam));

        Assert.Equal(noon.AddHours(1).UtcDateTime, new JsonWebToken(token).ValidTo);
        Assert.True((await server.Validate(token, noon.AddMinutes(59).UtcDateTime)).IsValid);
        Assert.False((await server.Validate(token, noon.AddMinutes(61).UtcDateTime)).IsValid);
    }

    static JsonElement Payload(JsonWebToken token) =>
        JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.EncodedPayload));

    static IEnumerable<string?> Municipalities(JsonElement claims) => Strings(claims.GetProperty("municipalities"));

    static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());

    static async Task<string?> Error(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString();

    sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
