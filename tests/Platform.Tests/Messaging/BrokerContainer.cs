using BeschutWerk.TestBroker;
using BeschutWerk.TestProcesses;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Volumes;
using Testcontainers.RabbitMq;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>A broker in a container, from the image of <c>docker-compose.yml</c>; its ports on loopback, its data in a volume. Both are gone at the end.</summary>
internal sealed class BrokerContainer : IOwnBroker
{
    private const string Image = "rabbitmq:4-management";
    private const int ManagementPort = 15672;

    // Chosen here and not by Docker, so that they stay when it is started again.
    private readonly int _port = FreePort.Next();
    private readonly int _managementPort = FreePort.Next();
    private readonly List<IVolume> _volumes = [NewVolume()];
    private RabbitMqContainer? _container;

    /// <exception cref="DockerUnavailableException">No Docker engine answers.</exception>
    public BrokerContainer() => _container = Build();

    public Uri Amqp => new($"amqp://guest:guest@127.0.0.1:{_port}");

    public Uri Management => new($"http://127.0.0.1:{_managementPort}/");

    public Task StartAsync() => (_container ??= Build()).StartAsync();

    public async Task KillAsync()
    {
        // Removed by force, which kills it; the volume stays.
        if (_container is not null) await _container.DisposeAsync();
        _container = null;
    }

    public void Wipe() => _volumes.Add(NewVolume());

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        foreach (var volume in _volumes) await volume.DisposeAsync();
    }

    private RabbitMqContainer Build() => new RabbitMqBuilder(Image)
        .WithUsername("guest")
        .WithPassword("guest")
        // The name of the node, and so of its folder.
        .WithHostname("broker")
        .WithVolumeMount(_volumes[^1], "/var/lib/rabbitmq")
        .WithPortBinding(_port, RabbitMqBuilder.RabbitMqPort)
        .WithPortBinding(_managementPort, ManagementPort)
        .WithCreateParameterModifier(container =>
        {
            foreach (var binding in container.HostConfig!.PortBindings!.Values.SelectMany(bindings => bindings)) binding.HostIP = "127.0.0.1";
        })
        .Build();

    private static IVolume NewVolume() => new VolumeBuilder().WithName("broker-" + Guid.NewGuid().ToString("N")[..12]).Build();
}
