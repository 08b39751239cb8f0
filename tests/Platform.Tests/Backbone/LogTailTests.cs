using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>The newest events in memory: never one too few of what is asked, and null where only the file knows.</summary>
public sealed class LogTailTests
{
    private const string Own = "own", Other = "other";

    [Fact]
    public void Own_events_are_found_among_received_ones()
    {
        // Positions 1 to 600: every third is the store's own, 1 to 200.
        var log = Enumerable.Range(1, 600).Select(i => Logged(i, i % 3 == 0 ? Own : Other, i % 3 == 0 ? i / 3 : i)).ToList();
        var tail = log.Chunk(7).Aggregate(LogTail.Empty, (before, committed) => before.With(committed, Own));

        foreach (var after in new[] { 344, 345, 500, 599, 600, 700 })
        {
            Assert.Equal(log.Where(logged => logged.Position > after), tail.ReadAfter(after, 1000));
            Assert.Equal(log.Where(logged => logged.Position > after).Take(5), tail.ReadAfter(after, 5));
        }

        Assert.Null(tail.ReadAfter(343, 1000));
        var own = log.Where(logged => logged.Event.Source == Own).ToList();
        foreach (var after in new[] { 114, 115, 150, 199, 200, 250 })
        {
            Assert.Equal(own.Where(logged => logged.Event.Sequence > after), tail.ReadOwnAfter(after, 1000));
            Assert.Equal(own.Where(logged => logged.Event.Sequence > after).Take(3), tail.ReadOwnAfter(after, 3));
        }

        Assert.Null(tail.ReadOwnAfter(113, 1000));
    }

    [Fact]
    public void Without_own_events_only_the_file_knows()
    {
        Assert.Null(LogTail.Empty.ReadAfter(0, 1));
        var received = LogTail.Empty.With([Logged(1, Other, 1)], Own);
        Assert.Null(received.ReadOwnAfter(0, 1));
        Assert.Single(received.ReadAfter(0, 1)!);
    }

    [Fact]
    public void A_tail_that_somebody_still_reads_stays_as_it_was()
    {
        var tails = new List<LogTail> { LogTail.Empty };
        for (var i = 1; i <= 700; i++) tails.Add(tails[^1].With([Logged(i, Own, i)], Own));
        for (var i = 1; i <= 700; i++) Assert.Equal(i, Assert.Single(tails[i].ReadAfter(i - 1, 1000)!).Position);
    }

    [Fact]
    public void Large_events_are_kept_up_to_their_bytes_and_the_last_in_any_case()
    {
        var few = Enumerable.Range(1, 10).Aggregate(LogTail.Empty, (before, i) => before.With([Logged(i, Own, i, bytes: 60_000)], Own));
        Assert.Equal([9, 10], few.ReadAfter(8, 10)!.Select(logged => logged.Position));
        Assert.Null(few.ReadAfter(7, 10));
        Assert.Equal([11], few.With([Logged(11, Own, 11, bytes: 500_000)], Own).ReadAfter(10, 10)!.Select(logged => logged.Position));
    }

    private static LoggedEvent Logged(long position, string source, long sequence, int bytes = 10) =>
        new(position, new CloudEvent { Source = source, Sequence = sequence, Data = new Any { Value = ByteString.CopyFrom(new byte[bytes]) } });
}
