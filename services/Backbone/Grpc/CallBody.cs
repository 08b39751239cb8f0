using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// The body of a call, as gRPC reads its messages from it. The part of a message that has come stays in memory until the rest comes, which
/// a client may put off. In front of each message stands how long it is, so the call is told of the whole before the rest is read.
/// </summary>
internal sealed class CallBody(PipeReader inner, OpenCall call) : PipeReader, IRequestBodyPipeFeature
{
    /// <summary>Of a message in gRPC: a byte that says whether it is compressed, and four for its length.</summary>
    private const int PrefixLength = 5;

    private ReadOnlySequence<byte> _unread;
    private bool _isInMessage, _isTold;

    /// <inheritdoc/>
    public PipeReader Reader => this;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        _unread = result.Buffer;
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            // Only while the server waits: a part that lies here unread may be the server's fault.
            if (_isInMessage) call.AwaitRest();
            else call.AwaitEnd();
            return WaitAsync(reading);
        }

        var result = reading.Result;
        _unread = result.Buffer;
        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var rest = _unread.Slice(consumed);
        if (_unread.Length - rest.Length is var length and > 0)
        {
            (_isInMessage, _isTold) = (false, false);
            call.NoteMessage(length);
        }

        var all = LengthOf(rest);
        if (!rest.IsEmpty && !(all <= rest.Length)) _isInMessage = true;
        if (_isInMessage && !_isTold && all is { } whole)
        {
            _isTold = true;
            call.NotePart(whole);
        }

        _unread = default;
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        var result = await reading;
        _unread = result.Buffer;
        return result;
    }

    /// <summary>How long the message is at whose beginning this lies, with its prefix; null when too little has come to say.</summary>
    private static long? LengthOf(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length < PrefixLength) return null;
        Span<byte> prefix = stackalloc byte[PrefixLength];
        bytes.Slice(0, PrefixLength).CopyTo(prefix);
        return PrefixLength + BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
    }
}
