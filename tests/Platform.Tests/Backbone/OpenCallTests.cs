using System.IO.Pipelines;
using BeschutWerk.Backbone.Grpc;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>A call that waits for its message, without a server.</summary>
public sealed class OpenCallTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_client_that_goes_away_as_its_time_ends_harms_nobody()
    {
        var body = new AbortedBody();
        using var call = new OpenCall(body);
        call.Expect(Soon, hasOneMessage: true, (_, _) => null);
        // What is thrown in a timer ends the process.
        await body.Cancelled.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.NotNull(call.Halted);
    }

    [Fact]
    public async Task A_message_that_came_is_not_too_late_and_the_next_one_has_its_own_time()
    {
        using var call = new OpenCall(PipeReader.Create(Stream.Null));
        call.Expect(Soon, hasOneMessage: false, (_, _) => null);
        call.NoteMessage(10);
        await Task.Delay(4 * Soon, TestContext.Current.CancellationToken);
        Assert.Null(call.Halted);
        call.AwaitRest();
        Assert.True(SpinWait.SpinUntil(() => call.Halted is not null, TimeSpan.FromSeconds(60)));
    }

    /// <summary>The body of a request that was aborted, as Kestrel's is.</summary>
    private sealed class AbortedBody : PipeReader
    {
        private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Cancelled => _cancelled.Task;

        public override void CancelPendingRead()
        {
            _cancelled.SetResult();
            throw new IOException("The request was aborted.");
        }

        public override void AdvanceTo(SequencePosition consumed) => throw new NotSupportedException();

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
    }
}
