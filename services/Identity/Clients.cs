using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// The clients that may ask for a token, in <c>clients.json</c>. All of them are in memory; every change is one write of
/// the file, so registering hundreds at once costs the same as one.
/// </summary>
public sealed class Clients
{
    public const string FileName = "clients.json";
    const int SecretBytes = 32;

    readonly Lock writing = new();
    readonly string path;
    volatile ImmutableDictionary<string, StoredClient> known;

    internal Clients(string folder)
    {
        path = Path.Combine(folder, FileName);
        var stored = File.Exists(path) ? IdentityJson.Read<List<StoredClient>>(path) : [];
        known = stored.ToImmutableDictionary(client => client.Registration.ClientId);
    }

    /// <summary>
    /// Registers clients, or updates what is registered of them. A client that exists keeps its secret, unless
    /// <paramref name="renewSecret"/> asks for a new one; the old one then stops working at once.
    /// </summary>
    /// <returns>One result per registration, in order. A plain secret is given here once and stored nowhere.</returns>
    /// <exception cref="ArgumentException">A registration is not valid, or a client id occurs twice; nothing is registered then.</exception>
    public IReadOnlyList<RegisteredClient> RegisterAll(
        IEnumerable<ClientRegistration> registrations, Func<ClientRegistration, bool>? renewSecret = null)
    {
        var wanted = registrations.ToList();
        wanted.ForEach(registration => registration.Check());
        if (wanted.GroupBy(registration => registration.ClientId).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Client id '{twice.Key}' occurs twice.", nameof(registrations));

        lock (writing)
        {
            var next = known.ToBuilder();
            var results = new List<RegisteredClient>(wanted.Count);
            foreach (var registration in wanted)
            {
                var existing = next.GetValueOrDefault(registration.ClientId);
                var secret = existing is null || renewSecret?.Invoke(registration) == true ? NewSecret() : null;
                next[registration.ClientId] = new StoredClient(registration, secret is null ? existing!.SecretSha256 : Hash(secret));
                results.Add(new RegisteredClient(registration, secret));
            }
            // On disk first: nobody is told a secret that a crash could forget.
            IdentityJson.Write(path, next.Values.OrderBy(client => client.Registration.ClientId, StringComparer.Ordinal));
            known = next.ToImmutable();
            return results;
        }
    }

    /// <summary>
    /// Gives each service of the platform a new secret for its calls to others, which lives in the memory of this process
    /// only. The client is called <c>service-</c> and the service's name, its organisation id is that name.
    /// </summary>
    /// <returns>The client id and secret by service name.</returns>
    public IReadOnlyDictionary<string, ClientCredentials> IssueServiceCredentials(IEnumerable<string> services) =>
        RegisterAll(
            services.Select(service => new ClientRegistration($"service-{service}", OrganisationKind.Service, service, $"Service {service}", [])),
            renewSecret: _ => true)
        .ToDictionary(
            client => client.Registration.OrganisationId,
            client => new ClientCredentials(client.Registration.ClientId, client.NewSecret!));

    /// <summary>The client with this id and secret, or null when there is none or the secret is another.</summary>
    internal ClientRegistration? Authenticate(string? clientId, string? secret)
    {
        if (clientId is null || secret is null || !known.TryGetValue(clientId, out var client))
            return null;
        // Compared in constant time, so that how long a refusal takes says nothing about how much was right.
        return CryptographicOperations.FixedTimeEquals(Hash(secret), client.SecretSha256) ? client.Registration : null;
    }

    static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    // A slow, salted hash protects secrets that people choose. These are 256 random bits: nobody finds one by trying,
    // and no two are equal, so one SHA-256 is as strong and keeps the token endpoint fast.
    static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

/// <summary>The outcome of a registration.</summary>
/// <param name="Registration">As it is stored now.</param>
/// <param name="NewSecret">The plain secret when one was made, otherwise null: the secret the client has still works.</param>
public sealed record RegisteredClient(ClientRegistration Registration, string? NewSecret);

/// <summary>What a client sends to the token endpoint.</summary>
public sealed record ClientCredentials(string ClientId, string ClientSecret);

/// <summary>A client as <c>clients.json</c> keeps it: never with its secret.</summary>
sealed record StoredClient(ClientRegistration Registration, byte[] SecretSha256);
