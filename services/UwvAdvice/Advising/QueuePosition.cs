using System.Buffers.Binary;
using System.Buffers.Text;
using BeschutWerk.Backbone.Grpc;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>Where a page of the work queue ended; the token is opaque to clients.</summary>
internal sealed record QueuePosition(DateOnly DueOn, Guid AdviceRequestId)
{
    private const int DayBytes = sizeof(int);
    private const int Length = DayBytes + 16;

    public string ToToken()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, DueOn.DayNumber);
        AdviceRequestId.TryWriteBytes(bytes.AsSpan(DayBytes), bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The position of a token; null for an empty one.</summary>
    public static QueuePosition? Read(string token)
    {
        if (token.Length == 0)
        {
            return null;
        }
        Span<byte> bytes = stackalloc byte[Length];
        var checks = new FieldChecks();
        var isOurs = Base64Url.IsValid(token, out var length) && length == Length && Base64Url.TryDecodeFromChars(token, bytes, out _);
        var day = isOurs ? BinaryPrimitives.ReadInt32BigEndian(bytes) : -1;
        checks.Require(day >= 0 && day <= DateOnly.MaxValue.DayNumber, "page_token", "Is no token of this list.");
        checks.ThrowIfAny();
        return new QueuePosition(DateOnly.FromDayNumber(day), new Guid(bytes[DayBytes..], bigEndian: true));
    }
}
