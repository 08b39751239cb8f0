using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging.Carriers;

/// <summary>Opens a line to the broker: connects, declares the topology, and begins to consume.</summary>
/// <param name="followers">The services of the process that follow others.</param>
/// <param name="log">Where failures of deliveries are told.</param>
internal delegate Task<BrokerLine> OpenLine(IReadOnlyList<ServiceRuntime> followers, ILogger log, CancellationToken cancel);

/// <summary>
/// Services in processes of their own: events travel over RabbitMQ, and what is missing is read from the producer over
/// gRPC. The log is the source of truth. RabbitMQ only shortens the delay.
/// </summary>
/// <param name="services">Of the process.</param>
/// <param name="open">The carrier.</param>
internal sealed class BrokerTransport(IServiceProvider services, OpenLine open) : EventTransport
{
    /// <summary>Between two looks at every source, for what a broker lost without anybody noticing.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(5);

    /// <summary>The same while the broker delivers nothing: it may take events and have no queue for them yet.</summary>
    private static readonly TimeSpan LookEveryWithoutDeliveries = TimeSpan.FromSeconds(10);

    /// <summary>Between two tries to connect; twice as long each time.</summary>
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    // Asked for late: the services are made with this transport.
    private readonly Lazy<ServiceRuntimes> _runtimes = new(services.GetRequiredService<ServiceRuntimes>);
    private readonly Lazy<ILogger> _log = new(() => services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Dispatcher"));
    private readonly Lazy<ILogger> _deliveries = new(() => services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Deliveries"));
    private readonly Lazy<FollowerCalls> _followers = new(services.GetRequiredService<FollowerCalls>);
    private Dictionary<string, Dispatcher> _dispatchers = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _connected = Task.CompletedTask;
    private volatile BrokerLine? _line;
    private volatile string _fault = "not connected yet";
    private Timer? _look;
    private long _lookedAt = Environment.TickCount64;

    /// <summary>Why the broker cannot be used; empty when it can.</summary>
    public string Fault => _line?.Blocked ?? _fault;

    /// <inheritdoc/>
    public override void Committed(StoreName store)
    {
        if (_dispatchers.TryGetValue(store.Service, out var dispatcher)) dispatcher.Wake(store);
        // A service that follows itself needs no broker for that.
        if (_runtimes.Value.Find(store.Service) is not { } service) return;
        foreach (var inbox in service.Inboxes) inbox.Wake(new SourceKey(store.Service, store.Tenant));
    }

    /// <inheritdoc/>
    public override async Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel)
    {
        if (_runtimes.Value.Find(source.Service) is { } here) return EmbeddedTransport.Read(here, source, after, most);
        using var unrecorded = Spans.Background();
        try
        {
            // Read once for all services of this process.
            var by = _runtimes.Value.All.First().Name;
            var page = await PlatformClients.Of(services).Get<EventService.EventServiceClient>(by, source.Service, _followers.Value).ReadEventsAsync(
                new ReadEventsRequest
                {
                    Service = source.Service, Municipality = source.Origin?.Code ?? "", OwnOnly = true, OwnSource = after.Source, AfterSequence = after.Sequence, PageSize = most,
                },
                cancellationToken: cancel);
            return new SourcePage(page.Source, page.Events) { Former = page.FormerSources, EndReached = page.EndReached };
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            throw Refusal.Of(ErrorReason.ServiceUnreachable, $"{source.Service} cannot be asked now.").ToException();
        }
    }

    internal override bool TakeUnreachable(string service) => _followers.Value.To(service).TakeFailed();

    internal override BrokerState? Broker(string service)
    {
        var (waiting, since) = _dispatchers.TryGetValue(service, out var dispatcher) ? dispatcher.Waiting() : (0, null);
        return new BrokerState(Fault, waiting, since);
    }

    internal override void Start()
    {
        _dispatchers = _runtimes.Value.All.ToDictionary(runtime => runtime.Name, runtime => new Dispatcher(runtime, PublishAsync, _log.Value));
        foreach (var dispatcher in _dispatchers.Values) dispatcher.Start();
        _connected = Task.Run(StayConnectedAsync);
        _look = new Timer(_ => LookWhenDue(), null, LookEveryWithoutDeliveries, LookEveryWithoutDeliveries);
    }

    internal override async Task StopAsync()
    {
        if (_look is not null) await _look.DisposeAsync();
        foreach (var dispatcher in _dispatchers.Values) await dispatcher.StopAsync();
        await _stopping.CancelAsync();
        await _connected;
    }

    /// <summary>Connects now, or when the broker can be reached, and again whenever that is lost.</summary>
    private async Task StayConnectedAsync()
    {
        var followers = _runtimes.Value.All.Where(runtime => runtime.FollowsOthers.Count > 0).ToList();
        var delay = ShortestRest;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var line = await open(followers, _deliveries.Value, _stopping.Token);
                _line = line;
                delay = ShortestRest;
                // What was published while nobody was connected is only in the logs.
                Look();
                foreach (var dispatcher in _dispatchers.Values) dispatcher.Resume();
                _fault = await line.Lost.WaitAsync(_stopping.Token);
                _line = null;
            }
            catch (Exception error) when (!_stopping.IsCancellationRequested)
            {
                _line = null;
                _fault = error is OperationCanceledException ? "It does not answer." : error.GetBaseException().Message;
            }
            catch (Exception)
            {
                // Stopping, in whatever it was.
                _line = null;
                return;
            }

            _log.Value.LogWarning("The broker is away, the next try in {Delay}: {Fault}", delay, _fault);
            await Task.Delay(delay, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestRest ? delay * 2 : LongestRest;
        }
    }

    private void LookWhenDue()
    {
        if (Fault.Length == 0 && Environment.TickCount64 - _lookedAt < LookEvery.TotalMilliseconds) return;
        _lookedAt = Environment.TickCount64;
        Look();
    }

    private void Look()
    {
        foreach (var inbox in _runtimes.Value.All.SelectMany(runtime => runtime.Inboxes)) inbox.WakeAll();
    }

    private async Task PublishAsync(CloudEvent published, CancellationToken cancel)
    {
        var line = _line ?? throw new IOException($"The broker is away: {_fault}");
        var source = SourceKey.Of(published);
        byte[] body;
        try
        {
            body = CloudEventJson.Write(published);
        }
        catch (Exception error) when (error is UnknownVersionException or InvalidProtocolBufferException)
        {
            // Of a newer program that ran here before. It would hold back all behind it; who follows reads it from the log.
            _log.Value.LogError("{Service} does not publish {Type} {Id}: {Error}", source.Service, published.Type, published.Id, error.GetType().Name);
            return;
        }

        using var span = Spans.Publish(source.Service, published);
        await line.PublishAsync(Topology.RoutingKeyOf(source, published), published.Id, body, cancel);
    }
}
