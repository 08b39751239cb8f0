using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.Carriers;

/// <summary>
/// One use of the broker by one carrier, from the first connection until any part of it fails. It is never repaired: the next
/// line declares everything again, so that nothing depends on what a client restores by itself.
/// </summary>
internal abstract class BrokerLine : IAsyncDisposable
{
    /// <summary>A broker that does not answer would otherwise hold up a close for ten seconds and more.</summary>
    protected static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Completes with the reason when nothing can be sent or received on the line any more.</summary>
    public Task<string> Lost => _lost.Task;

    /// <summary>Why the broker accepts nothing for now, such as a full disk; empty while it does.</summary>
    public string Blocked { get; private set; } = "";

    /// <summary>Cancelled when the line is lost or closed.</summary>
    protected CancellationToken Ended => _ended.Token;

    /// <summary>Publishes one event. The calls of one store are published in their order.</summary>
    /// <param name="key">Its routing key.</param>
    /// <param name="id">Its message id.</param>
    /// <param name="body">The CloudEvent as JSON.</param>
    /// <returns>Completes when the broker has confirmed; fails at once when the line is lost.</returns>
    public abstract ValueTask PublishAsync(string key, string id, byte[] body, CancellationToken cancel);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the line. The first reason is the one that is told.</summary>
    protected Task LoseAsync(string why)
    {
        _lost.TrySetResult(why);
        return _ended.CancelAsync();
    }

    /// <summary>Loses the line with the connection, and follows whether the broker blocks it.</summary>
    protected void Follow(IConnection connection)
    {
        connection.ConnectionShutdownAsync += (_, shutdown) => LoseAsync(shutdown.ReplyText);
        connection.ConnectionBlockedAsync += (_, blocked) => BlockAsync(blocked.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => BlockAsync("");
    }

    /// <summary>Loses the line with the channel.</summary>
    protected void Follow(IChannel channel) => channel.ChannelShutdownAsync += (_, shutdown) => LoseAsync(shutdown.ReplyText);

    /// <summary>Closes a connection, and does not wait long for the broker's answer.</summary>
    protected static Task CloseAsync(IConnection connection) => Task.WhenAny(connection.DisposeAsync().AsTask(), Task.Delay(LongestClose));

    private Task BlockAsync(string why)
    {
        Blocked = why;
        return Task.CompletedTask;
    }
}
