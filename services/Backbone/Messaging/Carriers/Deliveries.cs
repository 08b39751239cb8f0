using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging.Carriers;

/// <summary>
/// Takes what the broker delivers to one service, in the order of its queue, and says when the broker may forget it: it is
/// applied, was seen before, is parked, or is known to be missing and will be read from the log of its producer.
/// </summary>
/// <param name="runtime">The service.</param>
/// <param name="log">Where failures are told.</param>
/// <param name="ended">The line is lost or closed.</param>
internal sealed class Deliveries(ServiceRuntime runtime, ILogger log, CancellationToken ended)
{
    /// <summary>
    /// Deliveries that are not finished; the next waits at the broker. Many, because the inboxes commit together what arrives
    /// together.
    /// </summary>
    public const ushort Prefetch = 1024;

    private static readonly TimeSpan ParkAgainAfter = TimeSpan.FromSeconds(5);

    private readonly List<Inbox> _inboxes = [.. runtime.Inboxes];

    /// <summary>Takes one message. It does not throw, whatever the body is.</summary>
    /// <param name="body">Valid until this returns.</param>
    /// <param name="finished">Called once, when the broker may forget the message; never when the line ends before that.</param>
    public void Take(ReadOnlyMemory<byte> body, Action finished)
    {
        FailPoints.Hit("delivered");
        try
        {
            var arrived = CloudEventJson.Read(body);
            _ = OfferAsync(SourceKey.Of(arrived), arrived, finished);
        }
        catch (Exception error)
        {
            // Whatever the reading throws: a message that stays unacknowledged would take its place in the queue for ever.
            log.LogError("{Service} parks a message that is no event: {Fault}", runtime.Name, FaultText.Of(error));
            var bytes = body.ToArray();
            _ = ParkAsync(() => runtime.ParkUnreadableAsync(bytes), finished);
        }
    }

    private async Task OfferAsync(SourceKey source, CloudEvent arrived, Action finished)
    {
        try
        {
            if (source.Origin is { } tenant)
            {
                await runtime.RequireKnownAsync(tenant, ended, follows: true);
            }
        }
        catch (RefusalException refused) when (refused.Refusal.Reason == ErrorReason.MunicipalityNotFound)
        {
            log.LogError(
                "{Service} parks {Type} {Id}: there is no municipality {Municipality}",
                runtime.Name, arrived.Type, arrived.Id, source.Origin);
            await ParkAsync(() => runtime.ParkStrangerAsync(source, arrived), finished);
            return;
        }
        catch (Exception error)
        {
            // Municipalities cannot say now, or our own disk cannot: the log waits until it can.
            log.LogWarning("{Service} reads {Source} later: {Error}", runtime.Name, source, error.Message);
            ReadLater(source, finished);
            return;
        }

        // Of a newer producer: its log has what this program could not read here.
        if (arrived.Data is null)
        {
            ReadLater(source, finished);
            return;
        }

        var left = _inboxes.Count;
        foreach (var inbox in _inboxes)
        {
            inbox.Offer(source, arrived, Settled);
        }

        void Settled()
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                finished();
            }
        }
    }

    private void ReadLater(SourceKey source, Action finished)
    {
        foreach (var inbox in _inboxes)
        {
            inbox.Wake(source);
        }

        finished();
    }

    /// <summary>The message is in no log, so the broker keeps it until it is parked.</summary>
    private async Task ParkAsync(Func<Task> park, Action finished)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await park();
                finished();
                return;
            }
            catch (Exception error)
            {
                log.LogError("{Service} cannot park now: {Error}", runtime.Name, error.Message);
            }

            await Task.Delay(ParkAgainAfter, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
