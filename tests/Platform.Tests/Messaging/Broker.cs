using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BeschutWerk.Platform.Tests.Messaging;
using BeschutWerk.TestBroker;
using DotNet.Testcontainers.Builders;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(Broker))]

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>
/// The broker of the tests: the one at <c>TEST_RABBITMQ</c> (with its management API at <c>TEST_RABBITMQ_MANAGEMENT</c>), else
/// one of our own, started by the first test that needs it. Each test has a virtual host of its own.
/// </summary>
public sealed class Broker : IAsyncDisposable
{
    private readonly Lazy<Task<IOwnBroker?>> _own = new(StartAsync);

    /// <summary>A new virtual host.</summary>
    internal async Task<VirtualHost> NewHostAsync()
    {
        var own = await _own.Value;
        var amqp = own?.Amqp ?? new Uri(External!);
        var management = own?.Management ?? new Uri(Environment.GetEnvironmentVariable("TEST_RABBITMQ_MANAGEMENT") ?? $"http://{amqp.Host}:15672/");
        return await VirtualHost.CreateAsync(amqp, management);
    }

    public async ValueTask DisposeAsync()
    {
        if (_own.IsValueCreated && await _own.Value is { } own) await own.DisposeAsync();
    }

    /// <summary>
    /// A broker that a test may kill, not started yet: in a container where a Docker engine answers, else a node from Debian's
    /// package. <c>TEST_BROKER</c> says which: <c>container</c> or <c>node</c>.
    /// </summary>
    internal static IOwnBroker New()
    {
        var wanted = Environment.GetEnvironmentVariable("TEST_BROKER");
        if (wanted is not (null or "" or "container" or "node")) throw new InvalidOperationException($"TEST_BROKER is {wanted}; write container or node, or nothing.");
        try
        {
            return wanted == "node" ? new BrokerNode() : new BrokerContainer();
        }
        catch (DockerUnavailableException) when (wanted != "container")
        {
            return new BrokerNode();
        }
    }

    private static string? External => Environment.GetEnvironmentVariable("TEST_RABBITMQ");

    private static async Task<IOwnBroker?> StartAsync()
    {
        if (!string.IsNullOrEmpty(External)) return null;
        var own = New();
        await own.StartAsync();
        return own;
    }
}

/// <summary>A virtual host of a broker.</summary>
/// <param name="Amqp">Its address, with user and password.</param>
/// <param name="Name">Its name.</param>
internal sealed record VirtualHost(Uri Amqp, string Name, HttpClient Api) : IAsyncDisposable
{
    public static async Task<VirtualHost> CreateAsync(Uri amqp, Uri management)
    {
        var api = new HttpClient { BaseAddress = management };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(amqp.UserInfo)));
        var name = "test-" + Guid.NewGuid().ToString("N")[..12];
        using var made = await api.PutAsJsonAsync($"api/vhosts/{name}", new { });
        made.EnsureSuccessStatusCode();
        return new VirtualHost(new Uri(amqp, name), name, api);
    }

    public Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = Amqp }.CreateConnectionAsync();

    /// <summary>What the management API says of a path under this virtual host, such as <c>queues</c>.</summary>
    public async Task<JsonElement> AskAsync(string kind, string rest = "") => await Api.GetFromJsonAsync<JsonElement>($"api/{kind}/{Name}{rest}");

    public async ValueTask DisposeAsync()
    {
        using var gone = await Api.DeleteAsync(new Uri($"api/vhosts/{Name}", UriKind.Relative));
        Api.Dispose();
    }
}
