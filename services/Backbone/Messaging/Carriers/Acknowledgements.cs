using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Backbone.Messaging.Carriers;

/// <summary>
/// Acknowledges the deliveries of one channel in batches, because a quorum queue writes each acknowledgement to disk as it does
/// a message.
/// </summary>
/// <param name="acknowledge">Acknowledges one tag, or all up to it.</param>
/// <param name="lose">Told why the channel is of no use any more.</param>
/// <param name="ended">The line is lost or closed: nothing is acknowledged any more.</param>
internal sealed class Acknowledgements(Func<ulong, bool, ValueTask> acknowledge, Func<string, Task> lose, CancellationToken ended)
{
    /// <summary>So long the first that is finished waits for others while few are open.</summary>
    private static readonly TimeSpan BatchFor = TimeSpan.FromMilliseconds(10);

    /// <summary>With as many open, those that are finished together are a batch already.</summary>
    private const int Many = 32;

    private readonly Lock _lock = new();
    private readonly Queue<ulong> _open = new();
    private readonly HashSet<ulong> _finished = [];
    private readonly HashSet<ulong> _acknowledgedAlone = [];
    private bool _acknowledging;

    /// <summary>A delivery came in; called in the order of the tags.</summary>
    public void Arrived(ulong tag)
    {
        lock (_lock)
        {
            _open.Enqueue(tag);
        }
    }

    /// <summary>The broker may forget the delivery.</summary>
    public void Finish(ulong tag)
    {
        TimeSpan wait;
        lock (_lock)
        {
            _finished.Add(tag);
            if (_acknowledging)
            {
                return;
            }

            _acknowledging = true;
            wait = _open.Count < Many ? BatchFor : TimeSpan.Zero;
        }

        _ = AcknowledgeAsync(wait);
    }

    private async Task AcknowledgeAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            while (!ended.IsCancellationRequested && TakeFinished() is var (upTo, beyond) && (upTo > 0 || beyond.Count > 0))
            {
                FailPoints.Hit("before-ack");
                if (upTo > 0)
                {
                    await acknowledge(upTo, true);
                }

                foreach (var tag in beyond)
                {
                    await acknowledge(tag, false);
                }
            }
        }
        catch (Exception error)
        {
            // Mostly since the line was lost already. The broker delivers again what it did not hear of, and it is known then.
            await lose(error.Message);
        }
    }

    /// <summary>All that was finished meanwhile: up to the first open one at once, what lies beyond it one by one.</summary>
    private (ulong UpTo, List<ulong> Beyond) TakeFinished()
    {
        lock (_lock)
        {
            ulong upTo = 0;
            while (_open.TryPeek(out var first))
            {
                if (_finished.Remove(first))
                {
                    upTo = first;
                }
                else if (!_acknowledgedAlone.Remove(first))
                {
                    break;
                }

                _open.Dequeue();
            }

            List<ulong> beyond = [.. _finished];
            _acknowledgedAlone.UnionWith(beyond);
            _finished.Clear();
            if (upTo == 0 && beyond.Count == 0)
            {
                _acknowledging = false;
            }

            return (upTo, beyond);
        }
    }
}
