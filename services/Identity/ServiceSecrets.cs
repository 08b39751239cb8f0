using System.Text;

namespace BeschutWerk.Identity;

/// <summary>
/// How services in processes of their own get their secret: a file for each in a folder that only they read. What stands
/// there stays; removing a file makes a new secret at the next start.
/// </summary>
public static class ServiceSecrets
{
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
