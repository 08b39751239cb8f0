using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Identity;

namespace BeschutWerk.Host.Demo;

/// <summary>A platform that runs, as a client finds it: in this process, or anywhere.</summary>
/// <param name="Authority">Address of the token server.</param>
/// <param name="Services">gRPC address of each service, by its name.</param>
/// <param name="SecretFile">Where the first operator's secret stands; the secrets of the demo's clients are written beside it.</param>
internal sealed record RunningPlatform(Uri Authority, IReadOnlyDictionary<string, string> Services, string SecretFile)
{
    /// <summary>The one that this process starts.</summary>
    public static RunningPlatform Of(PlatformOptions options) => new(
        new Uri(options.Authority), PlatformServices.Names.ToDictionary(name => name, _ => options.GrpcAddress), SecretFileIn(options.DataFolder));

    /// <summary>One with a process for each service.</summary>
    /// <param name="authority">Address of the token server; the services are on the same machine, on their default ports.</param>
    /// <param name="services">Where some of them are instead: <c>name=http://host:port</c>.</param>
    /// <param name="secretFile">Where the first operator's secret stands.</param>
    public static RunningPlatform At(Uri authority, IEnumerable<string> services, string secretFile)
    {
        var addresses = PlatformServices.Names.ToDictionary(name => name, name => new UriBuilder(authority) { Port = PlatformServices.GrpcPortOf(name), Path = "" }.Uri.ToString());
        foreach (var service in services)
        {
            if (service.Split('=', 2) is not [var name, var address] || !addresses.ContainsKey(name) || !Uri.IsWellFormedUriString(address, UriKind.Absolute))
                throw new StartupException($"--service {service} names no service and its address. Write {PlatformServices.Names[0]}=http://host:port; services are {string.Join(", ", PlatformServices.Names)}.");
            addresses[name] = address;
        }

        return new(authority, addresses, secretFile);
    }

    /// <summary>Where a token server on this machine writes the first operator's secret.</summary>
    public static string SecretFileIn(string dataFolder) => Path.Combine(dataFolder, "identity", ServiceSecrets.FirstOperator);
}
