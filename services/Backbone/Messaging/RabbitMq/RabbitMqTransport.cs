using System.Collections.Concurrent;
using System.Diagnostics;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Telemetry;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BeschutWerk.Backbone.Messaging.RabbitMq;

/// <summary>
/// Services in processes of their own: events travel over RabbitMQ, and what is missing is read from the producer over
/// gRPC. The broker only makes it fast; nothing is lost when it is.
/// </summary>
internal sealed class RabbitMqTransport(IServiceProvider services) : EventTransport
{
    private static readonly Uri Exchange = new($"exchange:{Topology.Events}?type=topic");
    private static readonly TimeSpan LongestConfirm = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks at every source, for what a broker lost without anybody noticing.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(5);

    // Asked for late: the services are made with this transport.
    private readonly Lazy<ServiceRuntimes> _runtimes = new(services.GetRequiredService<ServiceRuntimes>);
    private readonly Lazy<Task<ISendEndpoint>> _exchange = new(() => services.GetRequiredService<IBus>().GetSendEndpoint(Exchange));
    private readonly ConcurrentDictionary<string, long> _unreachableUntil = new();
    private Dictionary<string, Dispatcher> _dispatchers = [];
    private Timer? _look;

    /// <inheritdoc/>
    public override void Committed(StoreName store)
    {
        if (_dispatchers.TryGetValue(store.Service, out var dispatcher)) dispatcher.Wake(store);
        // A service that follows itself needs no broker for that.
        if (_runtimes.Value.Find(store.Service) is not { } service) return;
        foreach (var inbox in service.Inboxes) inbox.Wake(new SourceKey(store.Service, store.Tenant));
    }

    /// <inheritdoc/>
    public override async Task<SourcePage> ReadAsync(SourceKey source, long afterSequence, int most, CancellationToken cancel)
    {
        if (_runtimes.Value.Find(source.Service) is { } here) return EmbeddedTransport.Read(here, source, afterSequence, most);
        // Once for all its sources: were each to wait for a service that is down, those of the others would wait too.
        if (_unreachableUntil.TryGetValue(source.Service, out var until) && Environment.TickCount64 < until) throw Unreachable(source.Service);
        try
        {
            var page = await PlatformClients.Of(services).Get<EventService.EventServiceClient>(source.Service).ReadEventsAsync(
                new ReadEventsRequest { Service = source.Service, Municipality = source.Origin?.Code ?? "", OwnOnly = true, AfterSequence = afterSequence, PageSize = most },
                cancellationToken: cancel);
            return new SourcePage(page.Source, page.Events);
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            _unreachableUntil[source.Service] = Environment.TickCount64 + (long)AskAgainAfter.TotalMilliseconds;
            throw Unreachable(source.Service);
        }
    }

    internal override void Start()
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("BeschutWerk.Dispatcher");
        _dispatchers = _runtimes.Value.All.ToDictionary(runtime => runtime.Name, runtime => new Dispatcher(runtime, PublishAsync, log));
        foreach (var (service, dispatcher) in _dispatchers)
        {
            dispatcher.Start();
            Instruments.Observe("beschutwerk.events.waiting", "{event}", "Own events that the broker has not confirmed.", () => dispatcher.Waiting().Count, service);
            Instruments.Observe("beschutwerk.events.waiting.oldest", "s", "Age of the oldest event that the broker has not confirmed.", () => AgeOf(dispatcher.Waiting().Oldest), service);
        }

        _look = new Timer(_ => Look(), null, LookEvery, LookEvery);
    }

    internal override async Task StopAsync()
    {
        if (_look is not null) await _look.DisposeAsync();
        foreach (var dispatcher in _dispatchers.Values) await dispatcher.StopAsync();
    }

    /// <summary>The broker took a queue of ours, so it takes events too.</summary>
    internal void Resume()
    {
        foreach (var dispatcher in _dispatchers.Values) dispatcher.Resume();
    }

    private long AgeOf(DateTimeOffset? oldest) =>
        oldest is { } time ? (long)(services.GetRequiredService<TimeProvider>().GetUtcNow() - time).TotalSeconds : 0;

    private void Look()
    {
        foreach (var inbox in _runtimes.Value.All.SelectMany(runtime => runtime.Inboxes)) inbox.WakeAll();
    }

    private static RefusalException Unreachable(string service) =>
        Refusal.Of(ErrorReason.ServiceUnreachable, $"{service} cannot be asked now.").ToException();

    private async Task PublishAsync(CloudEvent published, CancellationToken cancel)
    {
        var source = SourceKey.Of(published);
        // The event keeps the trace of its cause; this span stands beside what the consumers do with it.
        using var span = Instruments.Source.StartActivity(
            $"publish {EventTypes.NameOf(published.Type)}", ActivityKind.Producer, new TraceCause(published.Traceparent, published.Tracestate).ToContext());
        span?.SetTag("beschutwerk.service", source.Service).SetTag("beschutwerk.event", published.Id).SetTag("beschutwerk.origin", source.Origin?.Code);

        var exchange = await _exchange.Value;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LongestConfirm);
        try
        {
            await exchange.Send(
                new BrokerBody(CloudEventJson.Write(published)),
                context =>
                {
                    context.MessageId = Ids.Parse(published.Id);
                    context.SetRoutingKey(Topology.RoutingKeyOf(source, published));
                },
                limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not confirm within {LongestConfirm.TotalSeconds} seconds.");
        }
    }
}
