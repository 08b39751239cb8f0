using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Bench;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;

namespace BeschutWerk.Faults;

/// <summary>An acknowledgement: when it came, and how long its placement had waited for it, since it was first sent.</summary>
internal readonly record struct Acknowledged(long At, TimeSpan Waited);

/// <summary>
/// The sw-company as a client that trusts nobody: it reports placements of one municipality over the bulk stream, remembers
/// every id that was acknowledged, connects again whenever the stream ends, and sends what was not answered again under the
/// same id.
/// </summary>
internal sealed class Reporter(Platform platform, string municipality, Workload workload) : IAsyncDisposable
{
    private const int PerMessage = 5;
    private const int MostUnanswered = 400;
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<Guid, (Row Row, long SentAt)> _unanswered = new();
    private readonly ConcurrentDictionary<Guid, Row> _acknowledged = new();
    private readonly ConcurrentQueue<Acknowledged> _acknowledgements = new();
    private readonly ConcurrentQueue<(StatusCode Code, ErrorReason Reason, string Detail)> _endings = new();
    private CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _givenUp;
    private int _connection;
    private (int Connection, long At) _first;

    public string Municipality => municipality;

    /// <summary>Placements a second that it tries to report; without bound when it is not a number.</summary>
    public double Rate { get; set; } = double.PositiveInfinity;

    /// <summary>Ids that were acknowledged.</summary>
    public ICollection<Guid> Accepted => _acknowledged.Keys;

    public int AcceptedCount => _acknowledged.Count;

    /// <summary>Ids that were sent and not answered yet.</summary>
    public ICollection<Guid> Unanswered => _unanswered.Keys;

    /// <summary>Every first acknowledgement of an id, in order.</summary>
    public IEnumerable<Acknowledged> Acknowledgements => _acknowledgements;

    /// <summary>How the streams ended.</summary>
    public IEnumerable<(StatusCode Code, ErrorReason Reason, string Detail)> Endings => _endings;

    /// <summary>Number of the stream that it reports on.</summary>
    public int Connection => Volatile.Read(ref _connection);

    /// <summary>Reports until it is told to finish.</summary>
    public void Start(double rate)
    {
        Rate = rate;
        _stopping = new CancellationTokenSource();
        _running = Task.Run(RunAsync);
    }

    /// <summary>Waits for the first acknowledgement on a later stream than this one.</summary>
    /// <returns>When it came.</returns>
    public async Task<long> AcknowledgedAfterAsync(int connection, TimeSpan limit)
    {
        var first = default((int Connection, long At));
        await Platform.Until(
            async () =>
            {
                if (_running.IsFaulted) await _running;
                lock (_endings) first = _first;
                return first.Connection > connection;
            },
            limit, () => $"{municipality} has an acknowledgement again");
        return first.At;
    }

    /// <summary>Sends nothing new any more, and waits until everything is answered.</summary>
    public async Task FinishAsync(TimeSpan limit)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(limit);
    }

    /// <summary>Reports these again as if they had never been answered: their ids make that safe.</summary>
    public void Forget(IEnumerable<Guid> ids)
    {
        foreach (var id in ids)
        {
            if (_acknowledged.TryRemove(id, out var row)) _unanswered[id] = (row, Stopwatch.GetTimestamp());
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Behind a fault that did not end nobody may be there to answer.
        _givenUp = true;
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_givenUp && (!_stopping.IsCancellationRequested || !_unanswered.IsEmpty))
        {
            try
            {
                await StreamAsync();
            }
            catch (RpcException ended) when (ended.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled)
            {
                _endings.Enqueue((ended.StatusCode, RefusalStatus.ReasonOf(ended), ended.Status.Detail));
                await Task.Delay(BetweenConnections);
            }
        }
    }

    private async Task StreamAsync()
    {
        var connection = Interlocked.Increment(ref _connection);
        var (channel, calls) = platform.Connect("swcompanies", "company");
        using var _ = channel;
        using var over = new CancellationTokenSource();
        using var call = new PlacementService.PlacementServiceClient(calls).ReportPlacements(cancellationToken: over.Token);
        var reading = ReadAsync(call.ResponseStream, connection);
        var writing = WriteAsync(call.RequestStream, reading);
        try
        {
            // What ended the stream is said to the reader.
            await reading;
        }
        finally
        {
            await over.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(IClientStreamWriter<ReportPlacementsRequest> requests, Task over)
    {
        foreach (var again in _unanswered.Values.Select(sent => sent.Row).OrderBy(row => row.PlacementId).Chunk(PerMessage)) await SendAsync(requests, again);
        var next = Stopwatch.StartNew();
        var due = 0.0;
        while (!_stopping.IsCancellationRequested && !over.IsCompleted)
        {
            if (_unanswered.Count >= MostUnanswered || next.Elapsed.TotalSeconds < due)
            {
                await Task.Delay(1);
                continue;
            }

            due = Math.Max(due, next.Elapsed.TotalSeconds - 0.1) + PerMessage / Rate;
            await SendAsync(requests, workload.Take(PerMessage));
        }

        await requests.CompleteAsync();
    }

    private Task SendAsync(IClientStreamWriter<ReportPlacementsRequest> requests, Row[] rows)
    {
        var request = new ReportPlacementsRequest { Municipality = municipality };
        foreach (var row in rows)
        {
            _unanswered.TryAdd(row.PlacementId, (row, Stopwatch.GetTimestamp()));
            request.Items.Add(new PlacementItem { PlacementId = row.PlacementId.ToString("D"), Report = row.Report() });
        }

        return requests.WriteAsync(request);
    }

    private async Task ReadAsync(IAsyncStreamReader<ReportPlacementsResponse> answers, int connection)
    {
        while (await answers.MoveNext(CancellationToken.None))
        {
            foreach (var answer in answers.Current.Answers) Note(answer, connection);
        }
    }

    private void Note(PlacementAnswer answer, int connection)
    {
        var id = Guid.Parse(answer.PlacementId);
        if (!answer.Accepted)
        {
            // Not now, for a reason that passes: it stays unanswered and is sent on the next stream.
            if (answer.Refusal.Reason is ErrorReason.ServerShuttingDown or ErrorReason.ServiceUnreachable or ErrorReason.WriteQueueFull or ErrorReason.StoreQuarantined
                or ErrorReason.StoreFailing)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, answer.Refusal.Reason.ToString()));
            }

            throw new InvalidOperationException($"{municipality} refused {answer.PlacementId}: {answer.Refusal}.");
        }

        if (!_unanswered.TryRemove(id, out var sent)) return;
        _acknowledged[id] = sent.Row;
        var now = Stopwatch.GetTimestamp();
        _acknowledgements.Enqueue(new Acknowledged(now, Stopwatch.GetElapsedTime(sent.SentAt, now)));
        lock (_endings)
        {
            if (_first.Connection != connection) _first = (connection, now);
        }
    }
}
