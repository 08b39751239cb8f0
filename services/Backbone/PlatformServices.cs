namespace BeschutWerk.Backbone;

/// <summary>The services that hold stores, and where each listens when it runs alone on this machine.</summary>
public static class PlatformServices
{
    private const int FirstGrpcPort = 5101;

    /// <summary>In the order of their ports.</summary>
    public static IReadOnlyList<string> Names { get; } = ["municipalities", "uwv", "swcompanies", "knowledge", "insight"];

    /// <summary>The name of a process that runs all services, in telemetry. Each of its services calls others under its own name.</summary>
    public const string AllInOne = "host";

    /// <summary>The gRPC port of a service in a process of its own.</summary>
    /// <param name="service">Service name, such as <c>uwv</c>.</param>
    public static int GrpcPortOf(string service) => FirstGrpcPort + IndexOf(service);

    /// <summary>How many services stand before it.</summary>
    internal static int IndexOf(string service)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (Names[i] == service) return i;
        }

        throw new ArgumentException($"No service is called {service}.", nameof(service));
    }
}
