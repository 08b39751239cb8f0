using System.Text.Json;
using System.Text.RegularExpressions;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Messaging.Carriers;

namespace BeschutWerk.Platform.Tests.Documentation;

/// <summary>What docker-compose.yml and the broker's definitions promise, without starting them; <c>infra/test --containers</c> does.</summary>
public sealed class ContainerTests
{
    private static readonly string Compose = File.ReadAllText(Path.Combine(ReadmeTests.Root(), "docker-compose.yml"));

    private static readonly Dictionary<string, string> Containers = Regex
        .Matches(Compose[Compose.IndexOf("\nservices:", StringComparison.Ordinal)..Compose.IndexOf("\nvolumes:", StringComparison.Ordinal)], @"^  (\w+):\n((?:(?:   .*)?\n)+)", RegexOptions.Multiline)
        .ToDictionary(container => container.Groups[1].Value, container => container.Groups[2].Value);

    [Fact]
    public void Every_service_has_a_container_on_its_own_ports_and_a_volume()
    {
        foreach (var service in PlatformServices.Names)
        {
            Assert.Contains($"127.0.0.1:{PlatformServices.GrpcPortOf(service)}:5100", Containers[service], StringComparison.Ordinal);
            Assert.Contains($"{service}:/data", Containers[service], StringComparison.Ordinal);
            Assert.Contains($"Services__{service}: http://{service}:5100", Compose, StringComparison.Ordinal);
        }

        Assert.Contains("127.0.0.1:5180:5180", Containers["identity"], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_container_is_confined_and_publishes_on_loopback_only()
    {
        Assert.All(Containers.Values, container => Assert.Matches(@"<<: \*(confined|service)\n", container));
        var ports = Containers.Values.SelectMany(container => Regex.Matches(container, @"ports: \[(.*)\]")).SelectMany(list => list.Groups[1].Value.Split(", ")).ToList();
        Assert.Equal(Regex.Count(Compose, "ports:"), Containers.Values.Count(container => Regex.IsMatch(container, @"ports: \[")));
        Assert.All(ports, port => Assert.Matches(@"^""127\.0\.0\.1:\d+:\d+""$", port));
    }

    [Fact]
    public void No_service_in_a_container_opens_a_diagnostic_socket_or_a_folder_to_others()
    {
        var image = File.ReadAllText(Path.Combine(ReadmeTests.Root(), "infra", "Dockerfile"));
        var service = image[image.IndexOf(" AS service\n", StringComparison.Ordinal)..];
        Assert.Contains("ENV DOTNET_EnableDiagnostics=0\n", service, StringComparison.Ordinal);
        Assert.DoesNotMatch("install -d (?!-m 0700 )", service);
    }

    [Fact]
    public void Only_services_that_know_persons_see_the_key_by_which_tokens_name_them()
    {
        var seen = Containers.Where(container => container.Value.Contains("person-key:", StringComparison.Ordinal)).Select(container => container.Key);
        Assert.Equal(["identity", "municipalities", "uwv"], seen.Order(StringComparer.Ordinal));
        Assert.All(["municipalities", "uwv"], service => Assert.Contains("person-key:/person-key:ro", Containers[service], StringComparison.Ordinal));
        Assert.Equal(3, Regex.Count(Compose, "Identity__PersonKeyFile: /person-key/person.key"));
    }

    [Fact]
    public void The_brokers_definitions_are_those_of_the_services_and_hold_no_password()
    {
        using var definitions = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(ReadmeTests.Root(), "infra", "rabbitmq", "definitions.json")));

        var exchanges = definitions.RootElement.GetProperty("exchanges").EnumerateArray().Select(exchange => (exchange.GetProperty("name").GetString(), exchange.GetProperty("type").GetString()));
        Assert.Equal([(Topology.Events, "topic"), (Topology.Dead, "direct")], exchanges);
        var passwords = definitions.RootElement.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("password").GetString());
        Assert.Equal(["PASSWORD_OF_SERVICES", "PASSWORD_OF_OPERATOR"], passwords);
    }
}
