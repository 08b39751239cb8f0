using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// Links the rows that tell who did what: the log, and what operators did to the store. A link is SHA-256 of the link before
/// it and of all that the row says, so that a row which is changed, taken out or slipped in later breaks the chain (BIO2
/// 8.15.05). <see cref="AuditCheck"/> finds where.
/// </summary>
public static class AuditChain
{
    /// <summary>What stands before the first row.</summary>
    public static readonly byte[] Beginning = new byte[SHA256.HashSizeInBytes];

    // Of a thread, not of a store: thousands are open, and only a few are written at a time.
    [ThreadStatic] private static ArrayBufferWriter<byte>? _row;

    /// <summary>The link of an event of the log. By its source and not by the number of that: a restore gives own events another one.</summary>
    /// <param name="before">Link of the row before.</param>
    /// <param name="id">Sixteen bytes, unless somebody changed it.</param>
    /// <param name="time">Unix milliseconds.</param>
    /// <param name="actor">Who: <c>kind:id</c>.</param>
    public static byte[] OfEvent(
        ReadOnlySpan<byte> before, string source, long sequence, ReadOnlySpan<byte> id, string type, string subject, long time, string? traceparent, string? tracestate, string actor, ReadOnlySpan<byte> data)
    {
        var row = Begin(before);
        Add(row, source);
        Add(row, sequence);
        Add(row, id);
        Add(row, type);
        Add(row, subject);
        Add(row, time);
        Add(row, traceparent);
        Add(row, tracestate);
        Add(row, actor);
        Add(row, data);
        return SHA256.HashData(row.WrittenSpan);
    }

    /// <summary>The link of what an operator did.</summary>
    /// <param name="before">Link of the row before.</param>
    /// <param name="actedAt">Unix milliseconds.</param>
    /// <param name="droppedEvent">The CloudEvent that was dropped; null for none.</param>
    public static byte[] OfAct(ReadOnlySpan<byte> before, string act, string subject, string reason, string actor, long actedAt, byte[]? droppedEvent)
    {
        var row = Begin(before);
        Add(row, act);
        Add(row, subject);
        Add(row, reason);
        Add(row, actor);
        Add(row, actedAt);
        if (droppedEvent is null) Add(row, (string?)null);
        else Add(row, droppedEvent);
        return SHA256.HashData(row.WrittenSpan);
    }

    private static ArrayBufferWriter<byte> Begin(ReadOnlySpan<byte> before)
    {
        var row = _row ??= new ArrayBufferWriter<byte>(1024);
        row.ResetWrittenCount();
        row.Write(before);
        return row;
    }

    private static void Add(ArrayBufferWriter<byte> row, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(row.GetSpan(sizeof(long)), number);
        row.Advance(sizeof(long));
    }

    // Each text and blob behind its length, so that nothing can move from one column into the next.
    private static void Add(ArrayBufferWriter<byte> row, string? text)
    {
        Add(row, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        if (text is not null) Encoding.UTF8.GetBytes(text, row);
    }

    private static void Add(ArrayBufferWriter<byte> row, ReadOnlySpan<byte> bytes)
    {
        Add(row, bytes.Length);
        row.Write(bytes);
    }
}
