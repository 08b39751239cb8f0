using BeschutWerk.Backbone.Events;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>
/// One connection to the broker, from the handshake until it is lost: a channel to publish on, and one for each service that
/// follows others. When any part of it fails all of it is lost, and the next one declares everything again.
/// </summary>
internal sealed class BrokerLine : IAsyncDisposable
{
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(2);

    private readonly IConnection _connection;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private IChannel? _publishing;

    private BrokerLine(IConnection connection)
    {
        _connection = connection;
        _connection.ConnectionShutdownAsync += (_, shutdown) => LoseAsync(shutdown.ReplyText);
        _connection.ConnectionBlockedAsync += (_, blocked) => BlockAsync(blocked.Reason);
        _connection.ConnectionUnblockedAsync += (_, _) => BlockAsync("");
    }

    /// <summary>Completes with the reason when nothing can be sent or received on it any more.</summary>
    public Task<string> Lost => _lost.Task;

    /// <summary>Why the broker takes nothing for now, such as a full disk; empty while it does.</summary>
    public string Blocked { get; private set; } = "";

    /// <summary>Connects, declares what stands on the broker, and begins to consume.</summary>
    /// <param name="factory">How to connect; its time limits bound every step.</param>
    /// <param name="followers">The services of the process that follow others.</param>
    public static async Task<BrokerLine> OpenAsync(ConnectionFactory factory, IEnumerable<ServiceRuntime> followers, ILogger log, CancellationToken cancel)
    {
        var line = new BrokerLine(await factory.CreateConnectionAsync(cancel));
        try
        {
            // Without the client's limiter, which begins to slow down long before its limit: the dispatcher bounds what is in flight.
            line._publishing = await line.ChannelAsync(new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), cancel);
            await line._publishing.DeclareEventsAsync(cancel);
            foreach (var follower in followers) await line.ConsumeAsync(follower, log, cancel);
            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the broker has confirmed; fails at once when the line is lost.</summary>
    public ValueTask PublishAsync(string key, string id, byte[] body, CancellationToken cancel) => _publishing!.BasicPublishAsync(
        Topology.Events, key, mandatory: false, new BasicProperties { MessageId = id, ContentType = CloudEventJson.ContentType, Persistent = true }, body, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        // Politely, but not for long: to a broker that does not answer the client says goodbye for ten seconds and more.
        await Task.WhenAny(_connection.DisposeAsync().AsTask(), Task.Delay(LongestClose));
    }

    private async Task ConsumeAsync(ServiceRuntime follower, ILogger log, CancellationToken cancel)
    {
        var channel = await ChannelAsync(null, cancel);
        await channel.DeclareQueueAsync(follower.Name, follower.FollowsOthers, cancel);
        await channel.BasicQosAsync(0, Deliveries.Prefetch, global: false, cancel);
        var deliveries = new Deliveries(follower, channel, LoseAsync, log, _ended.Token);
        var queue = Topology.QueueOf(follower.Name);
        try
        {
            await channel.BasicConsumeAsync(queue, autoAck: false, deliveries, cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // When RabbitMQ is killed while it makes a quorum queue, that queue has no leader for ever and holds up every confirmation.
            // What it held stands in the logs.
            await (await ChannelAsync(null, cancel)).QueueDeleteAsync(queue, cancellationToken: cancel);
            throw new IOException($"Queue {queue} did not answer. It is deleted, and made anew.");
        }
    }

    private async Task<IChannel> ChannelAsync(CreateChannelOptions? options, CancellationToken cancel)
    {
        var channel = await _connection.CreateChannelAsync(options, cancel);
        channel.ChannelShutdownAsync += (_, shutdown) => LoseAsync(shutdown.ReplyText);
        return channel;
    }

    private Task LoseAsync(string why)
    {
        _lost.TrySetResult(why);
        return Task.CompletedTask;
    }

    private Task BlockAsync(string why)
    {
        Blocked = why;
        return Task.CompletedTask;
    }
}
