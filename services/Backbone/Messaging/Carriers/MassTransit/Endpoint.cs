using MassTransit;

namespace BeschutWerk.Backbone.Messaging.Carriers.MassTransit;

/// <summary>
/// Takes the messages of one queue from MassTransit before it reads anything of them, so that no body, header or content type can
/// make it move a message to an error queue. MassTransit acknowledges when the task of <see cref="Send"/> ends.
/// </summary>
/// <param name="queue">The queue.</param>
/// <param name="deliveries">Takes them.</param>
/// <param name="ended">The line is lost or closed.</param>
internal sealed class Endpoint(string queue, Deliveries deliveries, CancellationToken ended) : IFilter<ReceiveContext>
{
    private readonly Progress _progress = new();
    private int _open;

    /// <summary>Its name.</summary>
    public string Queue => queue;

    /// <summary>Begins with a message at once, and ends with it when the broker may forget it, or with the line.</summary>
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        _progress.Moved();
        Interlocked.Increment(ref _open);
        var finished = new TaskCompletionSource();
        deliveries.Take(context.Body.GetBytes(), () =>
        {
            Interlocked.Decrement(ref _open);
            finished.TrySetResult();
        });
        return finished.Task.IsCompleted ? Task.CompletedTask : finished.Task.WaitAsync(ended);
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateScope(nameof(Endpoint));

    /// <summary>Whether MassTransit takes no messages though there are some, or left the queue.</summary>
    public bool IsStuck(uint waiting, uint consumers) =>
        _progress.IsStuck(consumers == 0 || (waiting > 0 && Volatile.Read(ref _open) < Deliveries.Prefetch));
}
