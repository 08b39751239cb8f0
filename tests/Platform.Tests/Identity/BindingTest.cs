using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Fixtures;
using IdentityKind = BeschutWerk.Identity.OrganisationKind;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>A portal that asks for tokens of two persons under two pseudonyms.</summary>
public abstract class BindingTest : IDisposable
{
    protected const string Citizen = "7b0f3c1e-55aa-5c1e-8d2f-0a1b2c3d4e5f", Other = "8b0f3c1e-55aa-5c1e-8d2f-0a1b2c3d4e5f";

    private protected static readonly ClientRegistration Portal = new("portal", IdentityKind.Citizen, "portal", "Citizens' portal", [], IsPortal: true);

    /// <summary>The data folder of the token server.</summary>
    protected string Folder { get; } = Path.Combine(Path.GetTempPath(), $"identity-{Guid.NewGuid():N}");

    protected string Ann { get; } = TestBsn.Next();

    protected string Ben { get; } = TestBsn.Next();

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static FormUrlEncodedContent Form(string secret, string citizen, string bsn, string client) => new(new Dictionary<string, string>
    {
        ["grant_type"] = "client_credentials", ["client_id"] = client, ["client_secret"] = secret,
        ["citizen"] = citizen, ["municipality"] = "GM0363", ["bsn"] = bsn,
    });

    private protected static Task<HttpResponseMessage> AskAsync(TokenServer server, string secret, string citizen, string bsn, string client = "portal") =>
        server.Http.PostAsync(IdentityServer.TokenPath, Form(secret, citizen, bsn, client));

    /// <summary>What the token names its person by, and all its parts as text.</summary>
    private protected static async Task<(string Hash, IReadOnlyList<string> Parts)> TakenAsync(
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

    private protected static async Task RefusedAsync(
        TokenServer server, string secret, string citizen, string bsn, HttpStatusCode status, string error, string client = "portal")
    {
        using var answer = await AskAsync(server, secret, citizen, bsn, client);
        Assert.Equal((status, error), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()));
    }

    private protected static List<string> Decoded(string token) => [.. token.Split('.').Select(part => Encoding.Latin1.GetString(Base64Url.DecodeFromChars(part)))];

    private protected List<JsonElement> Rows(string act) =>
    [
        .. File.ReadAllLines(Path.Combine(Folder, "audit.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Where(row => Text(row, "act") == act),
    ];

    private protected static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;
}
