using MassTransit;

namespace BeschutWerk.Backbone.Messaging.Carriers.MassTransit;

/// <summary>Sends events through MassTransit, in the order in which they are given.</summary>
/// <param name="events">The exchange of all events.</param>
/// <param name="ended">The line is lost or closed: what is not confirmed fails.</param>
internal sealed class Publishing(ISendEndpoint events, CancellationToken ended)
{
    private readonly Progress _progress = new();
    private readonly Lock _opening = new();
    private Queue<(EventMessage Message, TaskCompletionSource<Task> Sent)>? _behindFirst;
    private volatile bool _isOpen;
    private int _inFlight;

    /// <summary>Publishes one event.</summary>
    /// <returns>Completes when the broker has confirmed.</returns>
    public async Task PublishAsync(EventMessage message, CancellationToken cancel)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            var sent = HandOverAsync(message);
            await (sent.IsCompleted ? sent : sent.WaitAsync(cancel));
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            _progress.Moved();
        }
    }

    /// <summary>Whether events wait for confirmation and none comes.</summary>
    public bool IsStuck(bool isBlocked) => _progress.IsStuck(!isBlocked && Volatile.Read(ref _inFlight) > 0);

    /// <summary>
    /// MassTransit opens its channel with the first message and keeps no order until it is open. So the first goes alone, and those
    /// that come meanwhile wait for it.
    /// </summary>
    private Task HandOverAsync(EventMessage message)
    {
        if (_isOpen)
        {
            return SendAsync(message);
        }

        lock (_opening)
        {
            if (_isOpen)
            {
                return SendAsync(message);
            }

            if (_behindFirst is null)
            {
                _behindFirst = [];
                return SendFirstAsync(message);
            }

            var sent = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
            _behindFirst.Enqueue((message, sent));
            return sent.Task.Unwrap();
        }
    }

    private async Task SendFirstAsync(EventMessage message)
    {
        try
        {
            await SendAsync(message);
        }
        finally
        {
            lock (_opening)
            {
                while (_behindFirst!.TryDequeue(out var next))
                {
                    next.Sent.SetResult(SendAsync(next.Message));
                }

                _isOpen = true;
            }
        }
    }

    private Task SendAsync(EventMessage message) => events.Send(message, message, ended);
}
