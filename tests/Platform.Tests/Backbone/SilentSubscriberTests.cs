using BeschutWerk.Contracts.Backbone;
using Message = BeschutWerk.Contracts.Backbone.SubscribeResponse.MessageOneofCase;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>What a subscriber that never reads costs the server; the memory that is measured is that of the whole process.</summary>
[Collection(nameof(Fixtures.Alone))]
public sealed class SilentSubscriberTests : NotesTest
{
    [Fact]
    public async Task A_subscriber_that_never_reads_costs_no_memory_and_misses_nothing()
    {
        const int count = 12_000;
        const int size = 2_000;
        var host = await ServeAsync();
        var tenant = await host.RegisterAsync(Amsterdam);
        var client = new EventService.EventServiceClient(Municipality(host, Amsterdam));
        await host.AddAsync(tenant, "first");
        using var call = client.Subscribe(new SubscribeRequest { Municipality = Amsterdam });
        await FeedTests.NextAsync(call);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var store = host.Notes.TenantStores.Get(tenant);
        var text = new string('x', size);
        await Task.WhenAll(Enumerable.Range(0, count).Chunk(1000).Select(chunk => store.WriteAsync(NotesHost.By("gm"), session =>
        {
            foreach (var i in chunk) session.Raise(new Contracts.Municipalities.CaseOpened { CaseId = text }, $"{i}");
            return true;
        })));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < (long)count * size / 2, $"{grown} bytes more for a log of {(long)count * size}.");

        for (var sequence = 1; sequence <= count + 1; sequence++)
        {
            var message = await FeedTests.NextAsync(call, beside: Message.CaughtUp, or: Message.Heartbeat);
            Assert.Equal(sequence, message.Event.Sequence);
        }
    }
}
