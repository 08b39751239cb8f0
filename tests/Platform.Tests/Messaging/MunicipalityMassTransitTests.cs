using System.Collections.Concurrent;
using System.Text.Json;
using BeschutWerk.Platform.Tests.CliTests;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>
/// A municipality's own MassTransit reads the events as they are, with the broker user that it gets. The configuration is the one
/// of <c>infra/README.md</c>.
/// </summary>
[Collection(BrokerUserTests.Users)]
public sealed class MunicipalityMassTransitTests(RabbitPlatform platform) : IClassFixture<RabbitPlatform>, IAsyncLifetime
{
    private const string Queue = "gm0363.advices";

    private readonly string _adminFile = Path.GetTempFileName();

    public async ValueTask InitializeAsync() => await File.WriteAllTextAsync(_adminFile, Uri.UnescapeDataString(platform.Rabbit.Amqp.UserInfo));

    public async ValueTask DisposeAsync()
    {
        await BrokerAsync("revoke", "--yes");
        File.Delete(_adminFile);
    }

    [Fact]
    public async Task It_handles_advice_issued_without_a_library_of_ours()
    {
        var issued = await BrokerAsync("user", "--json");
        Assert.Equal((0, ""), (issued.ExitCode, issued.Error));
        var amqp = new UriBuilder(platform.Rabbit.Amqp) { UserName = "gm0363", Password = issued.Json.GetProperty("password").GetString() }.Uri;
        await BindAsync(amqp);

        var handled = new ConcurrentQueue<Event>();
        await using var services = new ServiceCollection().AddLogging().AddSingleton(handled).AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<Advices>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(amqp);
                rabbit.ReceiveEndpoint(Queue, endpoint =>
                {
                    endpoint.SetQuorumQueue();
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
                    endpoint.ConfigureConsumer<Advices>(context);
                });
            });
        }).BuildServiceProvider();
        var running = services.GetRequiredService<IBusControl>();
        await running.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            await platform.AdvisedAsync();
            await BrokerTest.EventuallyAsync(() => Task.FromResult(handled.Any(IsAdvice)), () => $"advice-issued is handled; {handled.Count} were");
        }
        finally
        {
            await running.StopAsync(TestContext.Current.CancellationToken);
        }

        var advice = handled.First(IsAdvice);
        Assert.Equal((Amsterdam, "1.0"), (advice.Gemeentecode, advice.Specversion));
        Assert.Equal(advice.Subject, advice.Data.GetProperty("adviceRequestId").GetString());
        var queues = (await platform.Rabbit.AskAsync("queues")).EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!).ToList();
        Assert.DoesNotContain(queues, name => name.EndsWith("_error", StringComparison.Ordinal) || name.EndsWith("_skipped", StringComparison.Ordinal));
    }

    private static bool IsAdvice(Event received) => received.Type == "nl.participatiewet.beschut-werk.advice-issued.v1";

    /// <summary>By RabbitMQ.Client: MassTransit would declare the exchange, which this user may not.</summary>
    private static async Task BindAsync(Uri amqp)
    {
        await using var connection = await new ConnectionFactory { Uri = amqp }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, quorum);
        await channel.QueueBindAsync(Queue, "beschutwerk.events", "*.*.GM0363");
    }

    private Task<BwRun> BrokerAsync(string verb, params string[] more) => BwRun.InProcessAsync(
    [
        "broker", verb, Amsterdam, .. more, "--management", $"{platform.Rabbit.Api.BaseAddress}", "--vhost", platform.Rabbit.Name, "--admin-file", _adminFile,
    ]);

    /// <summary>What the municipality wants to know of a CloudEvent.</summary>
    public sealed record Event(string Specversion, string Id, string Source, string Type, string Subject, string Gemeentecode, JsonElement Data);

    /// <summary>The municipality's consumer.</summary>
    public sealed class Advices(ConcurrentQueue<Event> handled) : IConsumer<Event>
    {
        /// <inheritdoc/>
        public Task Consume(ConsumeContext<Event> context)
        {
            handled.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
