using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.BackboneTests;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>What a broker may do to deliveries, and what an inbox makes of it. The broker here is a list in the test's hands.</summary>
public sealed class ArrivalTests : NotesTest
{
    private readonly List<SilentTransport> _transports = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Deliveries_in_any_order_and_doubled_are_applied_once_and_in_order(int seed)
    {
        var (host, tenant, events) = await ProduceAsync(300);
        var random = new Random(seed);
        var deliveries = events.SelectMany(one => Enumerable.Repeat(one, 1 + random.Next(5))).ToArray();
        random.Shuffle(deliveries);
        await Task.WhenAll(deliveries.Select(one => OfferAsync(host, tenant, one))).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await AppliedAsync(host, tenant, 300);
    }

    [Fact]
    public async Task Deliveries_in_order_are_applied_without_reading_the_log()
    {
        var (host, tenant, events) = await ProduceAsync(300);
        // Its first look at the source is over: nothing was there.
        await host.Readers.TenantInbox.CatchUpAsync(new SourceKey("municipalities", tenant), Cancel);
        await AppliedAsync(host, tenant, 300);
        foreach (var text in new[] { "a", "b", "c" }) await host.AddAsync(tenant, text);
        await Eventually(() => host.Readers.TenantInbox.Behind == 0, "the first looks at the source are over");
        var reads = _transports[^1].Reads;
        await Task.WhenAll(host.Log(tenant).Skip(events.Count).Select(logged => OfferAsync(host, tenant, logged.Event))).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(303, host.Seen(tenant).Count);
        Assert.Equal(reads, _transports[^1].Reads);
    }

    [Fact]
    public async Task A_lost_delivery_is_read_from_the_log()
    {
        var (host, tenant, events) = await ProduceAsync(10);
        foreach (var one in events.Where(one => one.Sequence is not (1 or 5))) await OfferAsync(host, tenant, one).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        await AppliedAsync(host, tenant, 10);
    }

    [Fact]
    public async Task A_source_that_is_held_back_holds_no_delivery_back()
    {
        var (host, tenant, events) = await ProduceAsync(3, service => service.Tenant.On<Contracts.Municipalities.CaseOpened, bool>("municipalities",
            (_, _, _) => throw new global::Grpc.Core.RpcException(new global::Grpc.Core.Status(global::Grpc.Core.StatusCode.Unavailable, "not now")),
            (_, _, _, _) => { }));
        // The broker may forget it: the log still has it.
        foreach (var one in events) await OfferAsync(host, tenant, one).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(1, host.Readers.TenantInbox.Behind);
        Assert.Empty(host.Readers.TenantInbox.ListParked(tenant));
    }

    private async Task<(NotesHost Host, TenantId Tenant, List<CloudEvent> Events)> ProduceAsync(
        int count, Action<BeschutWerk.Backbone.ServiceDefinition<ReaderStore, ReaderPlatform>>? readers = null)
    {
        var host = await StartAsync(options => options with
        {
            Readers = readers ?? NotesOptions.JustSee,
            Adjust = builder => builder.Services.AddSingleton<EventTransport>(services =>
            {
                var transport = new SilentTransport(services);
                _transports.Add(transport);
                return transport;
            }),
        });
        var tenant = await host.RegisterAsync(Amsterdam);
        await host.Readers.PlatformInbox.CatchUpAsync(new SourceKey("municipalities", null), Cancel);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => host.AddAsync(tenant, $"note {i}")));
        return (host, tenant, [.. host.Log(tenant).Select(logged => logged.Event)]);
    }

    /// <summary>Completes when the broker may forget it.</summary>
    internal static Task OfferAsync(NotesHost host, TenantId tenant, CloudEvent one)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Readers.TenantInbox.Offer(new SourceKey("municipalities", tenant), CloudEventJson.Read(CloudEventJson.Write(one)), settled.SetResult);
        return settled.Task;
    }

    private static async Task AppliedAsync(NotesHost host, TenantId tenant, int count)
    {
        await Eventually(() => host.Seen(tenant).Count >= count, $"{count} events are applied, but {host.Seen(tenant).Count}");
        Assert.Equal(Enumerable.Range(1, count).Select(n => (long)n), host.Seen(tenant).Select(seen => seen.Sequence));
    }

    /// <summary>Tells nobody of a commit, so that only what the test delivers arrives; the log can be read.</summary>
    private sealed class SilentTransport(IServiceProvider services) : EventTransport
    {
        private readonly EmbeddedTransport _log = new(services);
        private int _reads;

        public int Reads => _reads;

        public override void Committed(StoreName store)
        {
        }

        public override Task<SourcePage> ReadAsync(SourceKey source, SourcePoint after, int most, CancellationToken cancel)
        {
            if (source.Origin is not null) Interlocked.Increment(ref _reads);
            return _log.ReadAsync(source, after, most, cancel);
        }
    }
}
