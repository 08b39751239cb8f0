using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>
/// Takes what the broker delivers to one service on one channel, in order, and tells it what it may forget: what is applied,
/// was seen before, or is known to be missing, which the log of its producer mends.
/// </summary>
/// <param name="runtime">The service.</param>
/// <param name="channel">Its own.</param>
/// <param name="lose">Told why the channel is of no use any more.</param>
/// <param name="log">Where failures are told.</param>
/// <param name="ended">The channel is lost or closed.</param>
internal sealed class Deliveries(ServiceRuntime runtime, IChannel channel, Func<string, Task> lose, ILogger log, CancellationToken ended) : AsyncDefaultBasicConsumer(channel)
{
    /// <summary>Deliveries that are not finished; the next waits at the broker. What arrives together is committed together.</summary>
    public const ushort Prefetch = 1024;

    /// <summary>
    /// So long one that is finished waits for others, to be told in one word: a quorum queue makes each word as durable as a
    /// message, and those on their way would wait for it.
    /// </summary>
    private static readonly TimeSpan AcknowledgeAfter = TimeSpan.FromMilliseconds(10);

    /// <summary>With as many under way, those that are finished together are enough for a word of their own.</summary>
    private const int Many = 32;

    private static readonly TimeSpan ParkAgainAfter = TimeSpan.FromSeconds(5);

    private readonly List<Inbox> _inboxes = [.. runtime.Inboxes];
    private readonly Lock _finishing = new();
    private readonly Queue<Delivery> _open = new();
    private readonly List<Delivery> _finished = [];
    private bool _acknowledging;

    /// <inheritdoc/>
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        FailPoints.Hit("delivered");
        var delivery = new Delivery(deliveryTag, _inboxes.Count);
        lock (_finishing) _open.Enqueue(delivery);
        try
        {
            var arrived = CloudEventJson.Read(body);
            _ = OfferAsync(delivery, SourceKey.Of(arrived), arrived);
        }
        catch (Exception error)
        {
            // Whatever reading it throws: one that stays unacknowledged would take its place in the queue for ever.
            log.LogError("{Service} parks a message that is no event: {Fault}", runtime.Name, FaultText.Of(error));
            // The memory is the client's again when this returns.
            var bytes = body.ToArray();
            _ = ParkAsync(delivery, () => runtime.ParkUnreadableAsync(bytes));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) => lose("The broker ended the queue.");

    private async Task OfferAsync(Delivery delivery, SourceKey source, CloudEvent arrived)
    {
        try
        {
            if (source.Origin is { } tenant) await runtime.RequireKnownAsync(tenant, ended, follows: true);
        }
        catch (RefusalException refused) when (refused.Refusal.Reason == ErrorReason.MunicipalityNotFound)
        {
            log.LogError("{Service} parks {Type} {Id}: there is no municipality {Municipality}", runtime.Name, arrived.Type, arrived.Id, source.Origin);
            await ParkAsync(delivery, () => runtime.ParkStrangerAsync(source, arrived));
            return;
        }
        catch (Exception error)
        {
            // Municipalities cannot say now, or our own disk cannot: the log waits until it can.
            log.LogWarning("{Service} reads {Source} later: {Error}", runtime.Name, source, error.Message);
            ReadLater(delivery, source);
            return;
        }

        // Of a newer producer: its log has what this program could not read here.
        if (arrived.Data is null)
        {
            ReadLater(delivery, source);
            return;
        }

        var settled = () => FinishOne(delivery);
        foreach (var inbox in _inboxes) inbox.Offer(source, arrived, settled);
    }

    private void ReadLater(Delivery delivery, SourceKey source)
    {
        foreach (var inbox in _inboxes) inbox.Wake(source);
        Finish(delivery);
    }

    /// <summary>It is in no log: the broker keeps it until it is parked.</summary>
    private async Task ParkAsync(Delivery delivery, Func<Task> park)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await park();
                Finish(delivery);
                return;
            }
            catch (Exception error)
            {
                log.LogError("{Service} cannot park now: {Error}", runtime.Name, error.Message);
            }

            await Task.Delay(ParkAgainAfter, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void FinishOne(Delivery delivery)
    {
        if (delivery.FinishOne()) Finish(delivery);
    }

    private void Finish(Delivery delivery)
    {
        TimeSpan rest;
        lock (_finishing)
        {
            _finished.Add(delivery);
            if (_acknowledging) return;
            _acknowledging = true;
            rest = _open.Count < Many ? AcknowledgeAfter : TimeSpan.Zero;
        }

        _ = AcknowledgeAsync(rest);
    }

    /// <summary>All that was finished meanwhile: up to the first open one in one word, what lies behind it one by one.</summary>
    private async Task AcknowledgeAsync(TimeSpan rest)
    {
        try
        {
            await Task.Delay(rest, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            while (TakeFinished() is var (upTo, beyond) && (upTo > 0 || beyond.Count > 0))
            {
                FailPoints.Hit("before-ack");
                if (upTo > 0) await Channel.BasicAckAsync(upTo, multiple: true, CancellationToken.None);
                foreach (var delivery in beyond) await Channel.BasicAckAsync(delivery.Tag, multiple: false, CancellationToken.None);
            }
        }
        catch (Exception error)
        {
            // Mostly since the line was lost already. The broker delivers again what it did not hear of, and it is known then.
            await lose(error.Message);
        }
    }

    private (ulong UpTo, List<Delivery> Beyond) TakeFinished()
    {
        lock (_finishing)
        {
            foreach (var delivery in _finished) delivery.IsFinished = true;
            ulong upTo = 0;
            while (_open.TryPeek(out var first) && first.IsFinished)
            {
                _open.Dequeue();
                if (!first.IsAcknowledged) upTo = first.Tag;
            }

            var beyond = _finished.Where(delivery => delivery.Tag > upTo && !delivery.IsAcknowledged).ToList();
            foreach (var delivery in beyond) delivery.IsAcknowledged = true;
            _finished.Clear();
            if (upTo == 0 && beyond.Count == 0) _acknowledging = false;
            return (upTo, beyond);
        }
    }

    /// <summary>One message on its way through the inboxes of the service.</summary>
    private sealed class Delivery(ulong tag, int inboxes)
    {
        private int _left = inboxes;

        public ulong Tag { get; } = tag;

        public bool IsFinished { get; set; }

        public bool IsAcknowledged { get; set; }

        /// <returns>Whether that was the last inbox.</returns>
        public bool FinishOne() => Interlocked.Decrement(ref _left) == 0;
    }
}
