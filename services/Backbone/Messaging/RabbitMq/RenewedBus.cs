using MassTransit;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>
/// The bus of a process, and a new one in its place when it hangs: when a connection dies while MassTransit declares a queue on it,
/// MassTransit (8.5.12) waits for the answer for ever, however soon the broker is back.
/// </summary>
/// <param name="create">Makes a bus that was not started.</param>
/// <param name="exchange">Where events are sent to.</param>
/// <param name="answers">Whether the broker takes a new connection.</param>
/// <param name="log">Where a renewal is told.</param>
internal sealed class RenewedBus(Func<IBusControl> create, Uri exchange, Func<CancellationToken, Task<bool>> answers, ILogger log)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    /// <summary>So often the broker answered while the bus did not recover, before it is renewed; twice as often each time.</summary>
    private const int FirstPatience = 5;
    private const int LongestPatience = 60;

    private readonly CancellationTokenSource _stopping = new();
    private Line? _line;
    private Task _watching = Task.CompletedTask;

    /// <summary>Why the broker cannot be used; empty when it can.</summary>
    public string Fault => Volatile.Read(ref _line)?.Bus.CheckHealth() switch
    {
        null => "not started",
        { Status: BusHealthStatus.Healthy } => "",
        var health => health.Description,
    };

    /// <summary>Where events are sent to.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public Task<ISendEndpoint> ExchangeAsync() => (Volatile.Read(ref _line) ?? throw new InvalidOperationException("The bus was not started.")).Exchange.Value;

    /// <summary>Connects, now or when the broker can be reached.</summary>
    public void Start()
    {
        Begin();
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Ends deliveries, and then the connection.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        if (_line is { } line) await EndAsync(line.Bus);
    }

    private void Begin()
    {
        var bus = create();
        // Found once: to find it for each event costs as much as to write its JSON.
        Volatile.Write(ref _line, new Line(bus, new(() => bus.GetSendEndpoint(exchange))));
        // Completes when the broker has its queues, which may be never; its health tells.
        _ = bus.StartAsync(_stopping.Token).ContinueWith(
            start => log.LogWarning("The connection to the broker does not start: {Error}", start.Exception!.GetBaseException().Message),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private async Task WatchAsync()
    {
        var (patience, answered) = (FirstPatience, 0);
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (Fault.Length == 0) (patience, answered) = (FirstPatience, 0);
                else answered = await answers(_stopping.Token) ? answered + 1 : 0;
                if (answered < patience) continue;
                log.LogWarning("The broker answers, and the connection does not recover ({Fault}): it is made anew", Fault);
                (patience, answered) = (Math.Min(patience * 2, LongestPatience), 0);
                var former = _line!.Bus;
                Begin();
                await EndAsync(former);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task EndAsync(IBusControl bus)
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestStop);
            await bus.StopAsync(limit.Token).WaitAsync(LongestStop);
        }
        catch (Exception error)
        {
            // What hangs is left behind; what it had not acknowledged is delivered again.
            log.LogWarning("The connection to the broker did not end: {Error}", error.Message);
        }
    }

    private sealed record Line(IBusControl Bus, Lazy<Task<ISendEndpoint>> Exchange);
}
