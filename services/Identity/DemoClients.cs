using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// The demo's clients with their plain secrets in one file, so that whoever tries the demo can use them from any
/// language. Only the demo makes this file; nothing else keeps a plain secret.
/// </summary>
public static class DemoClients
{
    public const string FileName = "demo-clients.json";

    /// <summary>
    /// Registers the demo's clients at a token server, as its first operator. Run again on the same data, the secrets that it
    /// handed out still work.
    /// </summary>
    /// <param name="tokenServer">A client whose base address is the token server's.</param>
    /// <param name="secretFile">Where the first operator's secret stands; <see cref="FileName"/> is written beside it.</param>
    /// <param name="registrations">All clients of the demo; the file holds exactly these afterwards.</param>
    /// <exception cref="InvalidDataException">The secret cannot be read, or the token server refuses; a sentence.</exception>
    public static async Task<IReadOnlyList<DemoClient>> RegisterAsync(
        HttpClient tokenServer, string secretFile, IReadOnlyCollection<ClientRegistration> registrations, CancellationToken cancel)
    {
        if (!File.Exists(secretFile)) throw new InvalidDataException($"{secretFile} is not there: the token server writes the first operator's secret into its data folder.");
        var secret = (await File.ReadAllTextAsync(secretFile, cancel)).Trim();
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(secretFile))!, FileName);
        var secrets = await EarlierSecretsAsync(tokenServer, path, cancel);

        // Who is not in the file needs a secret that we know, also when it was registered before.
        foreach (var registered in registrations.ToLookup(registration => !secrets.ContainsKey(registration.ClientId)))
            foreach (var client in await PostAsync(tokenServer, secret, [.. registered], renew: registered.Key, cancel))
                if (client.ClientSecret is { } made) secrets[client.ClientId] = made;

        var demoClients = registrations.Select(registration => new DemoClient(
            registration.ClientId,
            secrets[registration.ClientId],
            registration.Kind,
            registration.OrganisationId,
            registration.Name,
            registration.Municipalities,
            registration.IsPortal)).ToList();
        IdentityJson.Write(path, demoClients);
        return demoClients;
    }

    private static async Task<Dictionary<string, string>> EarlierSecretsAsync(HttpClient tokenServer, string path, CancellationToken cancel)
    {
        var earlier = File.Exists(path) ? IdentityJson.Read<List<DemoClient>>(path) : [];
        // One tells for all: the file is written whole, so it is of this token server or of another.
        if (earlier.FirstOrDefault(client => !client.IsPortal) is not { } one) return [];
        using var answer = await tokenServer.PostAsync(new Uri(IdentityServer.TokenPath, UriKind.Relative), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = one.ClientId, ["client_secret"] = one.ClientSecret,
        }), cancel);
        return answer.IsSuccessStatusCode ? earlier.ToDictionary(client => client.ClientId, client => client.ClientSecret) : [];
    }

    private static async Task<List<Answer>> PostAsync(HttpClient tokenServer, string secret, List<ClientRegistration> wanted, bool renew, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{ClientEndpoint.Path}?renew={renew}") { Content = JsonContent.Create(wanted, options: IdentityJson.Format) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ServiceSecrets.FirstOperator}:{secret}")));
        using var answer = await tokenServer.SendAsync(request, cancel);
        if (answer.StatusCode == HttpStatusCode.Unauthorized) throw new InvalidDataException($"{tokenServer.BaseAddress} does not know this secret of the first operator.");
        if (!answer.IsSuccessStatusCode) throw new InvalidDataException($"{tokenServer.BaseAddress} registers no clients: {await answer.Content.ReadAsStringAsync(cancel)}");
        return (await answer.Content.ReadFromJsonAsync<List<Answer>>(IdentityJson.Format, cancel))!;
    }

    private sealed record Answer(string ClientId, string? ClientSecret = null);
}

/// <summary>A line of <c>demo-clients.json</c>.</summary>
public sealed record DemoClient(
    string ClientId,
    string ClientSecret,
    OrganisationKind OrganisationKind,
    string OrganisationId,
    string Name,
    IReadOnlyList<string> Municipalities,
    bool IsPortal = false);
