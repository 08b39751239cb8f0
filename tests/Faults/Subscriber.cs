using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Faults;

/// <summary>
/// The municipality that follows its feed, whatever happens to the service: it resumes after the last message that it got,
/// and notes what comes twice, out of order or not at all.
/// </summary>
internal sealed class Subscriber(Platform platform, string municipality) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, long> _last = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private string _token = "";
    private long _count;

    public string Municipality => municipality;

    /// <summary>Events that it got.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>What was wrong with them.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Cancelled so often, it resumes; never when not set.</summary>
    public TimeSpan? HangsUpAfter { get; init; }

    /// <summary>How often it had to read its feed from the start, because the store was restored.</summary>
    public int Restarts { get; private set; }

    /// <summary>How often it connected.</summary>
    public int Connections { get; private set; }

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            if (HangsUpAfter is { } after) hangUp.CancelAfter(after);
            try
            {
                await ReadAsync(hangUp.Token);
            }
            catch (RpcException ended) when (ended.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unauthenticated)
            {
                if (!hangUp.IsCancellationRequested) await Task.Delay(BetweenConnections);
            }
            catch (RpcException restored) when (restored.StatusCode == StatusCode.OutOfRange)
            {
                // What it holds is of another epoch of the store.
                Restarts++;
                _token = "";
                _last.Clear();
                Interlocked.Exchange(ref _count, 0);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        var (channel, calls) = platform.Connect("municipalities", municipality);
        using var _ = channel;
        Connections++;
        using var call = new EventService.EventServiceClient(calls).Subscribe(new SubscribeRequest { Municipality = municipality, After = _token }, cancellationToken: cancel);
        while (await call.ResponseStream.MoveNext(cancel))
        {
            if (call.ResponseStream.Current.Event is { } got) Note(got);
            _token = call.ResponseStream.Current.ResumeToken;
        }
    }

    private void Note(CloudEvent got)
    {
        var last = _last.GetValueOrDefault(got.Source);
        if (got.Sequence != last + 1) Broken.Add($"(b, c) the feed of {municipality} told {got.Sequence} of {got.Source} after {last}");
        if (got.Gemeentecode != municipality) Broken.Add($"(d) the feed of {municipality} told an event of {got.Gemeentecode}");
        _last[got.Source] = got.Sequence;
        Interlocked.Increment(ref _count);
    }
}
