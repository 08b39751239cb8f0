using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Host.Demo.Report;

/// <summary>
/// A municipality that listens to its whole feed while the history is told, to be compared with what its log holds.
/// </summary>
internal sealed class FeedProof : IAsyncDisposable
{
    private const int PageSize = 1000;

    // Far more than it takes for the last event to arrive.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _municipality;
    private readonly EventService.EventServiceClient _client;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<string> _received = [];
    private readonly SemaphoreSlim _more = new(0);
    private readonly Task _listening;

    public FeedProof(string municipality, CallInvoker caller)
    {
        _municipality = municipality;
        _client = new(caller);
        _listening = ListenAsync();
    }

    /// <summary>What came in, beside what stands in the log.</summary>
    /// <param name="Received">Events received.</param>
    /// <param name="Logged">Events in the log.</param>
    /// <param name="Same">Whether they are the same, in the same order.</param>
    internal readonly record struct Outcome(int Received, int Logged, bool Same);

    /// <summary>Reads the log and waits until as much was received; both must be the same.</summary>
    public async Task<Outcome> CompareAsync(CancellationToken cancel)
    {
        var logged = await ReadLogAsync(cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var received = Received();
        while (received.Count < logged.Count && !_listening.IsCompleted)
        {
            try
            {
                await _more.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                break; // What did not come by now is missing: the comparison says so.
            }

            received = Received();
        }

        return new(received.Count, logged.Count, received.SequenceEqual(logged));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
        _more.Dispose();
    }

    private List<string> Received()
    {
        lock (_received) return [.. _received];
    }

    private async Task ListenAsync()
    {
        using var feed = _client.Subscribe(new SubscribeRequest { Municipality = _municipality }, cancellationToken: _closing.Token);
        await foreach (var message in feed.ResponseStream.ReadAllAsync(_closing.Token))
        {
            if (message.Event is not { } heard) continue;
            lock (_received) _received.Add(heard.Id);
            _more.Release();
        }
    }

    private async Task<List<string>> ReadLogAsync(CancellationToken cancel)
    {
        var ids = new List<string>();
        var after = "";
        while (true)
        {
            var page = await _client.ReadEventsAsync(
                new ReadEventsRequest { Municipality = _municipality, After = after, PageSize = PageSize }, cancellationToken: cancel);
            ids.AddRange(page.Events.Select(logged => logged.Id));
            if (page.EndReached) return ids;
            after = page.ResumeToken;
        }
    }
}
