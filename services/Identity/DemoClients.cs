namespace BeschutWerk.Identity;

/// <summary>
/// The demo's clients with their plain secrets in one file, so that whoever tries the demo can use them from any
/// language. Only the demo makes this file; nothing else keeps a plain secret.
/// </summary>
public static class DemoClients
{
    public const string FileName = "demo-clients.json";

    /// <summary>Registers the demo's clients. Run again on the same data, the secrets that it handed out still work.</summary>
    /// <param name="options">Whose <see cref="IdentityOptions.DataFolder"/> holds <see cref="FileName"/>.</param>
    /// <param name="clients">The token server's clients.</param>
    /// <param name="registrations">All clients of the demo; the file holds exactly these afterwards.</param>
    /// <exception cref="ArgumentException">A registration is not valid; nothing is registered then.</exception>
    public static IReadOnlyList<DemoClient> Register(IdentityOptions options, Clients clients, IEnumerable<ClientRegistration> registrations)
    {
        var path = Path.Combine(options.DataFolder, FileName);
        var earlier = File.Exists(path) ? IdentityJson.Read<List<DemoClient>>(path) : [];
        var secrets = earlier.ToDictionary(client => client.ClientId, client => client.ClientSecret);

        // A secret that does not work any more (the file was removed, or a crash came between the two files) is made anew.
        var registered = clients.RegisterAll(registrations, renewSecret: registration =>
            clients.Authenticate(registration.ClientId, secrets.GetValueOrDefault(registration.ClientId)) is null);

        var demoClients = registered.Select(client => new DemoClient(
            client.Registration.ClientId,
            client.NewSecret ?? secrets[client.Registration.ClientId],
            client.Registration.Kind,
            client.Registration.OrganisationId,
            client.Registration.Name,
            client.Registration.Municipalities,
            client.Registration.IsPortal)).ToList();
        IdentityJson.Write(path, demoClients);
        return demoClients;
    }
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
