using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// The clients that may ask for a token, in <c>clients.json</c>. All of them are in memory; every change is one write of
/// the file, so registering hundreds at once costs the same as one. What is done stands in <see cref="AuditLog"/> before it has effect.
/// </summary>
public sealed class Clients : IDisposable
{
    public const string FileName = "clients.json";

    const int SecretBytes = 32;

    /// <summary>Tokens of one client that may be taken back one by one; beyond that its secret is to be renewed.</summary>
    internal const int MostRevokedTokens = 1000;

    /// <summary>In the place of the hash of a client's secret where there is no client: it is that of no secret.</summary>
    static readonly byte[] Nobody = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    readonly Lock writing = new();
    readonly string path;
    readonly IdentityOptions options;
    readonly AuditLog audit;
    volatile ImmutableDictionary<string, StoredClient> known;

    internal Clients(IdentityOptions options, CitizenBindings citizens)
    {
        this.options = options;
        path = Path.Combine(options.DataFolder, FileName);
        var stored = File.Exists(path) ? IdentityJson.Read<List<StoredClient>>(path) : [];
        known = stored.ToImmutableDictionary(client => client.Registration.ClientId);
        audit = new AuditLog(options.DataFolder, stored.Select(client => client.Act).DefaultIfEmpty().Max(), citizens.LastAct, options.Clock);
    }

    internal AuditLog Audit => audit;

    /// <summary>
    /// Registers clients, or updates what is registered of them. A client that exists keeps its secret, unless
    /// <paramref name="renewSecret"/> asks for a new one; the old one then stops working at once. With the secret, or with anything
    /// that a token says, the tokens that the client has are taken back.
    /// </summary>
    /// <returns>One result per registration, in order. A plain secret is given here once and stored nowhere.</returns>
    /// <exception cref="ArgumentException">A registration is not valid, or a client id occurs twice; nothing is registered then.</exception>
    public IReadOnlyList<RegisteredClient> RegisterAll(
        IEnumerable<ClientRegistration> registrations, Func<ClientRegistration, bool>? renewSecret = null) =>
        RegisterAll(registrations, renewSecret, ActedBy.Itself);

    internal IReadOnlyList<RegisteredClient> RegisterAll(
        IEnumerable<ClientRegistration> registrations, Func<ClientRegistration, bool>? renewSecret, ActedBy by)
    {
        var wanted = registrations.ToList();
        if (FaultsOf(wanted).ToList() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(' ', faults), nameof(registrations));

        lock (writing)
        {
            var (results, changes) = (new List<RegisteredClient>(wanted.Count), new List<(StoredClient, AuditRow)>());
            foreach (var registration in wanted)
            {
                var before = known.GetValueOrDefault(registration.ClientId);
                var existing = before is { IsDeleted: false } ? before : null;
                var secret = existing is null || renewSecret?.Invoke(registration) == true ? NewSecret() : null;
                results.Add(new RegisteredClient(registration, secret));
                var sameToken = existing?.Registration.GivesTheSameToken(registration) == true;
                if (secret is null && sameToken && existing!.Registration.Name == registration.Name) continue;

                // Of a new client nobody has a token, unless it was deleted before.
                var version = before is null || (secret is null && sameToken) ? before?.Version ?? 0 : Later(before.Version);
                var act = existing is null ? Acts.Registered : secret is null ? Acts.Changed : Acts.Renewed;
                var stored = new StoredClient(registration, secret is null ? existing!.SecretSha256 : Hash(secret), version)
                {
                    RevokedTokens = existing?.RevokedTokens ?? [],
                };
                changes.Add((stored, new AuditRow(act, registration.ClientId, by.Client, by.Address, Told(registration))));
            }
            Store(changes);
            return results;
        }
    }

    /// <summary>
    /// Gives each service of the platform a new secret for its calls to others, which lives in the memory of this process
    /// only. The client is called <c>service-</c> and the service's name, its organisation id is that name.
    /// </summary>
    /// <param name="services">Their names.</param>
    /// <param name="process">Before the service's name in its client's id: a process that runs several has clients of its own.</param>
    /// <returns>The client id and secret by service name.</returns>
    public IReadOnlyDictionary<string, ClientCredentials> IssueServiceCredentials(
        IEnumerable<string> services, string process = "") =>
        RegisterAll(
            services.Select(service => new ClientRegistration(
                $"{ServiceSecrets.OfService}{process}{service}", OrganisationKind.Service, service, $"Service {service}", [])),
            renewSecret: _ => true)
        .ToDictionary(
            client => client.Registration.OrganisationId,
            client => new ClientCredentials(client.Registration.ClientId, client.NewSecret!));

    /// <summary>Everything that is wrong with registrations that would be made together.</summary>
    internal static IEnumerable<string> FaultsOf(IReadOnlyList<ClientRegistration> registrations) =>
        registrations.SelectMany(registration => registration.Faults()).Concat(
            registrations.GroupBy(registration => registration.ClientId)
                .Where(same => same.Count() > 1 && ClientRegistration.IsClientId(same.Key))
                .Select(same => $"Client id '{same.Key}' occurs twice."));

    /// <summary>Deletes a client; its tokens are taken back.</summary>
    /// <returns>False when there is no such client.</returns>
    internal bool Delete(string clientId, ActedBy by)
    {
        lock (writing)
        {
            if (known.GetValueOrDefault(clientId) is not { IsDeleted: false } existing) return false;
            Store([(
                existing with { SecretSha256 = [], Version = Later(existing.Version), IsDeleted = true, RevokedTokens = [] },
                new AuditRow(Acts.Deleted, clientId, by.Client, by.Address, Told(existing.Registration)))]);
            return true;
        }
    }

    /// <summary>Takes one token of a client back.</summary>
    /// <returns>False when too many of this client were.</returns>
    internal bool Revoke(string clientId, RevokedToken token, ActedBy by)
    {
        lock (writing)
        {
            if (known.GetValueOrDefault(clientId) is not { IsDeleted: false } existing) return true;
            if (existing.RevokedTokens.Any(revoked => revoked.Id == token.Id)) return true;
            if (existing.RevokedTokens.Count >= MostRevokedTokens) return false;
            Store([(
                existing with { RevokedTokens = [.. existing.RevokedTokens, token] },
                new AuditRow(Acts.TokenRevoked, clientId, by.Client, by.Address, $"jti {token.Id}"))]);
            return true;
        }
    }

    /// <summary>What services must not take although it has not expired.</summary>
    internal RevocationList Revocations()
    {
        var now = options.Clock.GetUtcNow();
        return new RevocationList(
            known.Values.Where(client => Counts(client.Version, now))
                .ToDictionary(client => Convert.ToBase64String(Hash(client.Registration.ClientId)), client => client.Version),
            [.. known.Values.SelectMany(client => client.RevokedTokens).Where(token => token.Until > now).Select(token => token.Id)]);
    }

    /// <summary>The client with this id and secret, or null when there is none or the secret is another.</summary>
    internal StoredClient? Authenticate(string? clientId, string? secret)
    {
        if (clientId is null || secret is null) return null;
        var client = known.GetValueOrDefault(clientId);
        // Compared in constant time, and for an unknown client too: how long a refusal takes says neither how much was right nor who is known.
        var isRight = CryptographicOperations.FixedTimeEquals(Hash(secret), client is { IsDeleted: false } ? client.SecretSha256 : Nobody);
        return isRight ? client : null;
    }

    /// <summary>Whether there is such a client.</summary>
    internal bool Knows([NotNullWhen(true)] string? clientId) =>
        clientId is not null && known.GetValueOrDefault(clientId) is { IsDeleted: false };

    public void Dispose() => audit.Dispose();

    /// <summary>Stores changes with the rows that tell them: the rows first, for nothing may be done that is told nowhere.</summary>
    void Store(IReadOnlyList<(StoredClient Client, AuditRow Row)> changes)
    {
        if (changes.Count == 0) return;
        var row = audit.Add([.. changes.Select(change => change.Row)]);
        var (next, now) = (known.ToBuilder(), options.Clock.GetUtcNow());
        foreach (var change in changes) next[change.Client.Registration.ClientId] = change.Client with { Act = row++ };
        // What no token can be of any more need not be remembered.
        foreach (var (id, client) in next.ToList())
        {
            if (client.IsDeleted && !Counts(client.Version, now)) next.Remove(id);
            else if (client.RevokedTokens.Any(token => token.Until <= now))
                next[id] = client with { RevokedTokens = [.. client.RevokedTokens.Where(token => token.Until > now)] };
        }
        try
        {
            // On disk first: nobody is told a secret that a crash could forget.
            IdentityJson.Write(path, next.Values.OrderBy(client => client.Registration.ClientId, StringComparer.Ordinal));
        }
        catch (IOException)
        {
            audit.TellNotDone(FileName, row - changes.Count);
            throw;
        }
        known = next.ToImmutable();
    }

    /// <summary>A later version: the time in Unix milliseconds, so that it is later also when an older file was put back.</summary>
    long Later(long version) => Math.Max(version + 1, options.Clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>
    /// Whether a token from before a version can still be valid; a day longer, for clocks that differ and lifetimes that were longer.
    /// </summary>
    bool Counts(long version, DateTimeOffset now) => version > (now - options.TokenLifetime).AddDays(-1).ToUnixTimeMilliseconds();

    static string Told(ClientRegistration client) =>
        $"{IdentityJson.Name(client.Kind)} {client.OrganisationId}{(client.IsPortal ? ", portal" : "")}"
        + $", municipalities: {string.Join(' ', client.Municipalities)}"
        + (client.MandatedBy is { } mandate ? $", mandated by {mandate}" : "");

    static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    // A slow, salted hash protects secrets that people choose. These are 256 random bits: nobody finds one by trying,
    // and no two are equal, so one SHA-256 is as strong and keeps the token endpoint fast.
    static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>The outcome of a registration.</summary>
/// <param name="Registration">As it is stored now.</param>
/// <param name="NewSecret">The plain secret when one was made, otherwise null: the secret the client has still works.</param>
public sealed record RegisteredClient(ClientRegistration Registration, string? NewSecret);

/// <summary>What a client sends to the token endpoint.</summary>
public sealed record ClientCredentials(string ClientId, string ClientSecret);

/// <summary>A client as <c>clients.json</c> keeps it: never with its secret.</summary>
/// <param name="Version">Tokens of the client that name an earlier one are taken back; 0 when none ever were.</param>
sealed record StoredClient(ClientRegistration Registration, byte[] SecretSha256, long Version = 0)
{
    /// <summary>Kept until the last of its tokens has ended.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Tokens that were taken back one by one.</summary>
    public IReadOnlyList<RevokedToken> RevokedTokens { get; init; } = [];

    /// <summary>The last row of <c>audit.jsonl</c> that changed it.</summary>
    public long Act { get; init; }
}

/// <summary>A token that was taken back.</summary>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="Until">When it ends anyway, with a margin for clocks that differ.</param>
sealed record RevokedToken(string Id, DateTimeOffset Until);

/// <summary>What <c>GET /revocations</c> answers.</summary>
/// <param name="Clients">
/// By SHA-256 of the client id in base64, for everybody can read it: the version before which tokens are not valid.
/// </param>
/// <param name="Tokens">Ids of single tokens.</param>
sealed record RevocationList(IReadOnlyDictionary<string, long> Clients, IReadOnlyList<string> Tokens);
