using System.Threading.Channels;
using BeschutWerk.Backbone.Events;

namespace BeschutWerk.Backbone.Messaging;

/// <summary>One store whose own events are published, in the memory of this process.</summary>
internal sealed class Outgoing(EventFeed feed) : KeyedWork
{
    /// <summary>
    /// Events handed to the broker and not confirmed yet; the next waits. As many as a failure publishes again. More would run
    /// ahead of who applies them, and leave it alone with them at the end (tests/Bench, B4).
    /// </summary>
    private const int MostInFlight = 256;

    /// <summary>How long the broker may take to confirm.</summary>
    private static readonly TimeSpan LongestConfirm = TimeSpan.FromSeconds(10);

    private readonly Channel<InFlight> _sent = Channel.CreateBounded<InFlight>(new BoundedChannelOptions(MostInFlight) { SingleReader = true });
    private int _inFlight;
    private long _waitingOfFormer;
    private volatile OwnPoint? _confirmed;
    private volatile Exception? _fault;
    private bool _ended;
    private CancellationTokenSource _attempt = new();

    public EventFeed Feed { get; } = feed;

    /// <summary>Up to which own event the broker has confirmed; null until the store was asked.</summary>
    public OwnPoint? Confirmed
    {
        get => _confirmed;
        private set => _confirmed = value;
    }

    /// <summary>What of that stands in the store.</summary>
    public OwnPoint? Remembered { get; set; }

    /// <summary>Sequence of the last own event when the store was asked; what came since, its feed knows.</summary>
    public long NewestAsked { get; private set; }

    /// <summary>When the first event that the broker has not confirmed was logged; null when there is none, or none was sent yet.</summary>
    public DateTimeOffset? Oldest { get; private set; }

    /// <summary>Own events that the broker has not confirmed, by what is in memory: who asks opens no store, which may be ill.</summary>
    public long Waiting => Confirmed switch
    {
        null => 0,
        { SourceId: < 0 } => Math.Max(0, Volatile.Read(ref _waitingOfFormer)) + Math.Max(NewestAsked, Feed.NewestOwn),
        { } confirmed => Math.Max(0, Math.Max(NewestAsked, Feed.NewestOwn) - confirmed.Sequence),
    };

    /// <summary>Up to which own event all were handed to the broker; null when that begins anew behind what is confirmed.</summary>
    public OwnPoint? Sent { get; private set; }

    /// <summary>Why what is in flight counts no more from here on; null while it does.</summary>
    public Exception? Fault => _fault;

    /// <summary>Whether nothing is in flight.</summary>
    public bool IsDrained => Volatile.Read(ref _inFlight) == 0;

    /// <summary>What takes the confirmations; it ends with <see cref="EndSending"/>.</summary>
    public Task Confirming { get; set; } = Task.CompletedTask;

    /// <summary>Handed to the broker; waits while too much is in flight.</summary>
    public ValueTask SendAsync(InFlight sent)
    {
        Interlocked.Increment(ref _inFlight);
        Sent = sent.Point;
        return _sent.Writer.WriteAsync(sent);
    }

    /// <summary>What was handed over, in order; each is to be settled.</summary>
    public IAsyncEnumerable<InFlight> InFlightAsync() => _sent.Reader.ReadAllAsync();

    /// <summary>
    /// Waits for what the broker says of it. Behind one that failed nothing counts: it is published again, and consumers know
    /// what they have.
    /// </summary>
    public async Task SettleAsync(InFlight sent)
    {
        if (_fault is null)
        {
            Oldest = sent.Time;
            // A broker that hangs keeps the connection, and confirms nothing.
            var confirmed = sent.Confirmed.WaitAsync(LongestConfirm, Volatile.Read(ref _attempt).Token);
            await confirmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!confirmed.IsCompletedSuccessfully)
            {
                _fault = FaultOf(confirmed);
                EndAttempt();
            }
        }

        if (_fault is null)
        {
            Confirmed = sent.Point;
            // The beginning of the next source is no event.
            if (sent.Point is { SourceId: < 0, Sequence: > 0 }) Interlocked.Decrement(ref _waitingOfFormer);
            Recovered();
        }

        Interlocked.Decrement(ref _inFlight);
        if (_fault is null && IsDrained) Oldest = null;
    }

    /// <summary>
    /// For who sends: cancelled when this attempt is over. Whoever still waited for the broker then would keep its lost connection
    /// from being noticed, and pile up in memory.
    /// </summary>
    public CancellationToken Attempt => Volatile.Read(ref _attempt).Token;

    /// <summary>There is a new connection: what is in flight on a former one is not waited for.</summary>
    public void Resume()
    {
        Recovered();
        EndAttempt();
    }

    // The next attempt of one that ended has ended too.
    private void EndAttempt() =>
        Interlocked.Exchange(ref _attempt, Volatile.Read(ref _ended) ? new CancellationTokenSource(TimeSpan.Zero) : new CancellationTokenSource()).Cancel();

    private static Exception FaultOf(Task confirmed) => confirmed.Exception?.InnerException switch
    {
        null => new OperationCanceledException(),
        TimeoutException => new TimeoutException($"The broker did not confirm within {LongestConfirm.TotalSeconds} seconds."),
        var error => error,
    };

    /// <summary>Begins behind what is confirmed, which the store is asked when that is not known.</summary>
    public void Begin()
    {
        if (Confirmed is null)
        {
            var published = Feed.Published();
            (var ofFormer, NewestAsked) = Feed.Waiting(published);
            Volatile.Write(ref _waitingOfFormer, ofFormer);
            Remembered = Confirmed = published;
        }

        Sent = Confirmed;
    }

    /// <summary>All that was raised before a restore is handed over; behind it comes what was raised since.</summary>
    public ValueTask GoOnAsync() => SendAsync(new InFlight(Feed.NextOwn(Sent!), Oldest ?? DateTimeOffset.MaxValue, Task.CompletedTask));

    /// <summary>What is in flight means nothing any more.</summary>
    public void Forget(Exception why)
    {
        _fault ??= why;
        Confirmed = null;
    }

    /// <summary>Begins again behind what is confirmed.</summary>
    /// <returns>What failed.</returns>
    public Exception TakeFault()
    {
        var fault = _fault!;
        (_fault, Sent) = (null, null);
        return fault;
    }

    /// <summary>Stopping: no confirmation is waited for any more.</summary>
    public void GiveUp()
    {
        Volatile.Write(ref _ended, true);
        EndAttempt();
    }

    /// <summary>Nothing is sent any more.</summary>
    public void EndSending() => _sent.Writer.TryComplete();
}

/// <summary>An event that was handed to the broker.</summary>
/// <param name="Point">Where it stands.</param>
/// <param name="Time">When it was logged.</param>
/// <param name="Confirmed">Completes when the broker has confirmed it.</param>
internal readonly record struct InFlight(OwnPoint Point, DateTimeOffset Time, Task Confirmed);
