using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>
/// Takes what the broker delivers to one service. Returns when the broker may forget it: applied, seen before, or known to
/// be missing, which the log of its producer mends. Never throws, for the broker would only deliver the same again.
/// </summary>
internal sealed class Deliveries(ServiceRuntime runtime, RabbitMqTransport transport, ILogger log) : IReceiveEndpointObserver
{
    public async Task HandleAsync(ConsumeContext<BrokerBody> delivery)
    {
        FailPoints.Hit("delivered");
        CloudEvent arrived;
        SourceKey source;
        try
        {
            arrived = CloudEventJson.Read(delivery.Message.Bytes);
            source = SourceKey.Of(arrived);
        }
        catch (FormatException error)
        {
            log.LogError("{Service} parks a message that is no event: {Error}", runtime.Name, error.Message);
            await ParkAsync(() => runtime.ParkUnreadableAsync(delivery.Message.Bytes));
            return;
        }

        try
        {
            if (source.Origin is { } tenant) await runtime.AdmitAsync(tenant, alsoSuspended: true, delivery.CancellationToken);
        }
        catch (RefusalException refused) when (refused.Refusal.Reason == ErrorReason.MunicipalityNotFound)
        {
            log.LogError("{Service} parks {Type} {Id}: there is no municipality {Municipality}", runtime.Name, arrived.Type, arrived.Id, source.Origin);
            await ParkAsync(() => runtime.ParkStrangerAsync(source, arrived));
            return;
        }
        catch (Exception error)
        {
            // Municipalities cannot say now, or our own disk cannot: the log waits until it can.
            log.LogWarning("{Service} reads {Source} later: {Error}", runtime.Name, source, error.Message);
            Wake(source);
            return;
        }

        // Of a newer producer: its log has what this program could not read here.
        if (arrived.Data is null) Wake(source);
        else await Task.WhenAll(runtime.Inboxes.Select(inbox => inbox.OfferAsync(source, arrived)));
        FailPoints.Hit("before-ack");
    }

    /// <summary>The queue stands and is bound: what was published before that is only in the logs.</summary>
    public Task Ready(ReceiveEndpointReady ready)
    {
        foreach (var inbox in runtime.Inboxes) inbox.WakeAll();
        transport.Resume();
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private void Wake(SourceKey source)
    {
        foreach (var inbox in runtime.Inboxes) inbox.Wake(source);
    }

    private async Task ParkAsync(Func<Task> park)
    {
        try
        {
            await park();
        }
        catch (RefusalException refused)
        {
            // It is in no log: let the broker keep it, and deliver it again up to its limit.
            log.LogError("{Service} cannot park now: {Error}", runtime.Name, refused.Message);
            throw;
        }
    }
}
