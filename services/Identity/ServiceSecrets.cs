using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// How the first operator, and services in processes of their own, get their secret: in files that only they read. What
/// stands there stays; removing a file makes a new secret at the next start.
/// </summary>
public static class ServiceSecrets
{
    /// <summary>The client with which the first operator registers all others; its secret stands in a file of this name.</summary>
    public const string FirstOperator = "first-operator";

    /// <summary>What the client ids of services begin with.</summary>
    internal const string OfService = "service-";

    /// <summary>Whether only the token server itself makes and removes a client of this name.</summary>
    internal static bool IsReserved(string clientId) =>
        clientId.StartsWith(OfService, StringComparison.OrdinalIgnoreCase)
        || clientId.Equals(FirstOperator, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the secret of the first operator into the data folder of the token server, when it is not there yet.</summary>
    public static void WriteFirstOperator(Clients clients, string folder)
    {
        var file = Path.Combine(folder, FirstOperator);
        if (File.Exists(file)) return;
        var registered = clients.RegisterAll([new(FirstOperator, OrganisationKind.Operator, FirstOperator, "First operator", [])], renewSecret: _ => true);
        PrivateFile.Write(file, Encoding.ASCII.GetBytes(registered[0].NewSecret!));
    }

    /// <summary>Writes a secret for every service that has none yet.</summary>
    public static void Write(Clients clients, string folder, IReadOnlyCollection<string> services)
    {
        PrivateFile.CreateFolder(folder);
        var without = services.Where(service => !File.Exists(Path.Combine(folder, service))).ToList();
        if (without.Count == 0) return;
        foreach (var (service, credentials) in clients.IssueServiceCredentials(without))
            PrivateFile.Write(Path.Combine(folder, service), Encoding.ASCII.GetBytes(credentials.ClientSecret));
    }
}
