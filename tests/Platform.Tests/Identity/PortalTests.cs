using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BeschutWerk.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BeschutWerk.Platform.Tests.Identity;

public sealed class PortalTests : IDisposable
{
    const string Citizen = "7b0f3c1e-55aa-5c1e-8d2f-0a1b2c3d4e5f", Bsn = "900000016";

    static readonly ClientRegistration Portal = new("portal", OrganisationKind.Citizen, "portal", "Citizens' portal", [], IsPortal: true);

    readonly string folder = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_portal_gets_a_token_that_speaks_for_one_citizen_of_one_municipality()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Portal);

        using var response = await Ask(server, "portal", secret, ("citizen", Citizen), ("municipality", "GM0363"), ("bsn", Bsn));

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var text = answer.GetProperty("access_token").GetString()!;
        Assert.True((await server.Validate(text)).IsValid);
        var token = new JsonWebToken(text);
        Assert.Equal("citizen", token.GetPayloadValue<string>("organisation_kind"));
        Assert.Equal(Citizen, token.GetPayloadValue<string>("organisation_id"));
        Assert.Equal(["GM0363"], token.GetPayloadValue<string[]>("municipalities"));
        Assert.Equal("portal", token.GetPayloadValue<string>("client_id"));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(Citizen, null, Bsn)]
    [InlineData(null, "GM0363", Bsn)]
    [InlineData("", "GM0363", Bsn)]
    [InlineData(Bsn, "GM0363", Bsn)]
    [InlineData("7B0F3C1E-55AA-5C1E-8D2F-0A1B2C3D4E5F", "GM0363", Bsn)]
    [InlineData(Citizen + "\n", "GM0363", Bsn)]
    [InlineData(Citizen, "0363", Bsn)]
    [InlineData(Citizen, "GM0363 GM0599", Bsn)]
    [InlineData(Citizen, "GM0363", null)]
    [InlineData(Citizen, "GM0363", "")]
    [InlineData(Citizen, "GM0363", "900000017")]
    [InlineData(Citizen, "GM0363", "000000000")]
    [InlineData(Citizen, "GM0363", "90000001")]
    [InlineData(Citizen, "GM0363", "0900000016")]
    [InlineData(Citizen, "GM0363", "９００００００１６")]
    [InlineData(Citizen, "GM0363", " 900000016")]
    public async Task A_portal_gets_none_unless_it_says_for_whom(string? citizen, string? municipality, string? bsn)
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Portal);
        var fields = new[] { ("citizen", citizen), ("municipality", municipality), ("bsn", bsn) }
            .Where(field => field.Item2 is not null).Select(field => (field.Item1, field.Item2!)).ToArray();

        using var response = await Ask(server, "portal", secret, fields);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("invalid_request", answer.GetProperty("error").GetString());
        var isControl = citizen?.Contains('\n') == true;
        Assert.Contains(isControl ? "control character" : "bsn the citizen service number", answer.GetProperty("error_description").GetString(), StringComparison.Ordinal);
        Assert.False(File.ReadAllText(Path.Combine(folder, "citizens.jsonl")).Length > 0);
    }

    [Theory]
    [InlineData("citizen", Citizen)]
    [InlineData("municipality", "GM0599")]
    [InlineData("bsn", Bsn)]
    public async Task Another_client_cannot_speak_for_a_citizen(string field, string value)
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(new("gm0363", OrganisationKind.Municipality, "GM0363", "Amsterdam", ["GM0363"]));

        using var response = await Ask(server, "gm0363", secret, (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_portal_with_a_wrong_secret_learns_no_more_than_others()
    {
        await using var server = await TokenServer.Start(folder);
        var secret = server.Register(Portal);

        using var response = await Ask(server, "portal", secret + "x", ("citizen", Citizen), ("municipality", "GM0363"), ("bsn", Bsn));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(OrganisationKind.Municipality, "GM0363")]
    [InlineData(OrganisationKind.Service, null)]
    [InlineData(OrganisationKind.Citizen, "GM0363")]
    [InlineData(OrganisationKind.Citizen, null, false)]
    [InlineData(OrganisationKind.Citizen, "GM0363", false)]
    public async Task Only_a_citizens_client_without_a_municipality_of_its_own_is_a_portal(OrganisationKind kind, string? municipality, bool isPortal = true)
    {
        await using var server = await TokenServer.Start(folder);

        Assert.Throws<ArgumentException>(() => server.Register(new("portal", kind, "portal", "Portal", municipality is null ? [] : [municipality], IsPortal: isPortal)));
    }

    [Fact]
    public async Task After_a_restart_a_portal_is_still_one()
    {
        string secret;
        await using (var before = await TokenServer.Start(folder)) secret = before.Register(Portal);

        await using var after = await TokenServer.Start(folder);
        using var response = await Ask(after, "portal", secret, ("citizen", Citizen), ("municipality", "GM0363"), ("bsn", Bsn));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    static Task<HttpResponseMessage> Ask(TokenServer server, string clientId, string secret, params (string, string)[] fields) =>
        server.Ask([("grant_type", "client_credentials"), ("client_id", clientId), ("client_secret", secret), .. fields]);
}
