using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>How much waits for the broker is told also of a store that was restored.</summary>
public sealed class WaitingEventsTests
{
    [Fact]
    public void What_a_restored_store_raises_while_its_former_events_wait_counts_as_waiting()
    {
        var feed = new Restored { Former = 3 };
        var outgoing = new Outgoing(feed);
        outgoing.Begin();
        Assert.Equal(3, outgoing.Waiting);
        feed.Raise();
        feed.Raise();
        Assert.Equal(feed.Former + feed.Own, outgoing.Waiting);
    }

    /// <summary>A store with events of before its restore, of which the broker confirmed none.</summary>
    private sealed class Restored : EventFeed
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Restored() => Producers = new HashSet<string> { "test" };

        public long Former { get; init; }

        public long Own { get; private set; }

        public override StoreName Store => new("test", null);

        public override Task Changed => Task.CompletedTask;

        public override bool Exists => true;

        internal override long NewestPosition => Former + Own;

        internal override long NewestOwn => Own;

        public void Raise() => Own++;

        public override (string Source, string Epoch) Identity() => ("test", "epoch");

        public override long Head() => Former + Own;

        public override IReadOnlyList<LoggedEvent> ReadAfter(long position, int most, long mostBytes = long.MaxValue) => [];

        public override IReadOnlyList<LoggedEvent> ReadOwnAfter(long sequence, int most) => [];

        internal override SourcePage ReadSource(SourcePoint after, int most) => throw new NotSupportedException();

        internal override OwnPoint Published() => new("epoch", -1, 0);

        internal override IReadOnlyList<LoggedEvent>? ReadOwnAfter(OwnPoint after, int most) => [];

        internal override OwnPoint NextOwn(OwnPoint after) => after with { SourceId = 0, Sequence = 0 };

        internal override Task RememberPublishedAsync(OwnPoint confirmed) => Task.CompletedTask;

        internal override (long OfFormer, long Newest) Waiting(OwnPoint after) => (Former, Own);
    }
}
