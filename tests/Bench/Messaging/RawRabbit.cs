using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BeschutWerk.Bench;

/// <summary>
/// A peer: RabbitMQ.Client alone, as its documentation advises for throughput. Persistent messages, quorum queue, publisher
/// confirms with up to 1,000 in flight, prefetch 1,000, acknowledged a hundred at a time.
/// </summary>
internal sealed class RawRabbit : IAsyncDisposable
{
    private const ushort InFlight = 1000;
    private const ulong AckEvery = 100;

    private static readonly BasicProperties Persistent = new() { Persistent = true, ContentType = "application/cloudevents+json" };

    private readonly IConnection _connection;
    private readonly IChannel _publishing;
    private readonly IChannel _consuming;

    private RawRabbit(IConnection connection, IChannel publishing, IChannel consuming) => (_connection, _publishing, _consuming) = (connection, publishing, consuming);

    public string ServerVersion => "RabbitMQ " + Encoding.UTF8.GetString((byte[])_connection.ServerProperties!["version"]!);

    public static async Task<RawRabbit> ConnectAsync(Uri amqp)
    {
        var connection = await new ConnectionFactory { Uri = amqp }.CreateConnectionAsync();
        // Without its rate limiter, which begins to slow down long before its limit: PublishAllAsync keeps the window.
        var publishing = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
        return new RawRabbit(connection, publishing, await connection.CreateChannelAsync());
    }

    /// <summary>Declares a quorum queue and consumes it.</summary>
    /// <param name="received">Called for each message, one after the other.</param>
    /// <param name="ackEvery">Messages that one acknowledgement covers: one where each counts, many where all do.</param>
    public async Task ConsumeAsync(string queue, Action<ReadOnlyMemory<byte>> received, ulong ackEvery = AckEvery)
    {
        await _consuming.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await _consuming.BasicQosAsync(0, InFlight, global: false);
        var consumer = new AsyncEventingBasicConsumer(_consuming);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            received(delivery.Body);
            if (delivery.DeliveryTag % ackEvery == 0) await _consuming.BasicAckAsync(delivery.DeliveryTag, multiple: true);
        };
        await _consuming.BasicConsumeAsync(queue, autoAck: false, consumer);
    }

    /// <summary>Completes when the broker has confirmed.</summary>
    public ValueTask PublishAsync(string exchange, string key, ReadOnlyMemory<byte> body) => _publishing.BasicPublishAsync(exchange, key, mandatory: false, Persistent, body);

    /// <summary>Publishes all bodies to a queue; completes when the broker has confirmed all.</summary>
    public async Task PublishAllAsync(string queue, IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        using var window = new SemaphoreSlim(InFlight);
        foreach (var body in bodies)
        {
            await window.WaitAsync();
            _ = PublishOneAsync(body);
        }

        for (var i = 0; i < InFlight; i++) await window.WaitAsync();

        async Task PublishOneAsync(ReadOnlyMemory<byte> body)
        {
            // A refusal would leave the window one short, and end the run by its time limit.
            await PublishAsync("", queue, body);
            window.Release();
        }
    }

    /// <summary>A fan-out exchange with so many durable queues, each consumed; quorum queues would cost the broker several times as much.</summary>
    public async Task FanOutAsync(string exchange, int queues, Action<ReadOnlyMemory<byte>> received)
    {
        await _consuming.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await _consuming.BasicQosAsync(0, InFlight, global: false);
        for (var i = 0; i < queues; i++)
        {
            var queue = $"{exchange}.{i}";
            await _consuming.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
            await _consuming.QueueBindAsync(queue, exchange, "");
            var consumer = new AsyncEventingBasicConsumer(_consuming);
            consumer.ReceivedAsync += async (_, delivery) =>
            {
                received(delivery.Body);
                await _consuming.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            };
            await _consuming.BasicConsumeAsync(queue, autoAck: false, consumer);
        }
    }

    /// <summary>Time from the first message until the last of them was consumed and the broker had confirmed all.</summary>
    public static async Task<TimeSpan> TimeAsync(Func<Task> publish, Task consumed)
    {
        var started = Stopwatch.GetTimestamp();
        await publish();
        await consumed.WaitAsync(TimeSpan.FromMinutes(2));
        return Stopwatch.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        await _consuming.DisposeAsync();
        await _publishing.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
