using System.Buffers.Binary;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The checks that SQLite writes into its write-ahead log: each frame carries one of itself and all frames before. SQLite looks at them
/// only when it opens a log that a killed process left.
/// </summary>
internal static class JournalCheck
{
    /// <summary>Bytes before the first frame, and before the page in each frame.</summary>
    public const int Header = 32, FrameHeader = 24;

    // A log begins with this when its checks are of little-endian numbers, as SQLite writes it on such a machine; with one more, of big-endian ones.
    private const uint LittleEndian = 0x377f0682;

    /// <summary>Whether a frame is what was written.</summary>
    /// <param name="magic">The first bytes of the log: they say in which byte order its checks count.</param>
    /// <param name="before">The check of the frame before, or of the header for the first.</param>
    /// <param name="frameHeader">What stands before the page.</param>
    /// <param name="page">The page.</param>
    public static bool Holds(ReadOnlySpan<byte> magic, ReadOnlySpan<byte> before, ReadOnlySpan<byte> frameHeader, ReadOnlySpan<byte> page)
    {
        if (IsBigEndian(magic) is not { } isBigEndian) return false;
        var (first, second) = (BinaryPrimitives.ReadUInt32BigEndian(before), BinaryPrimitives.ReadUInt32BigEndian(before[4..]));
        Add(frameHeader[..8], isBigEndian, ref first, ref second);
        Add(page, isBigEndian, ref first, ref second);
        return first == BinaryPrimitives.ReadUInt32BigEndian(frameHeader[16..])
            && second == BinaryPrimitives.ReadUInt32BigEndian(frameHeader[20..]);
    }

    /// <summary>Whether the header is what was written; it ends with its check.</summary>
    public static bool Holds(ReadOnlySpan<byte> header)
    {
        if (IsBigEndian(header) is not { } isBigEndian) return false;
        var (first, second) = (0u, 0u);
        Add(header[..24], isBigEndian, ref first, ref second);
        return first == BinaryPrimitives.ReadUInt32BigEndian(header[24..]) && second == BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
    }

    /// <summary>The byte order of the checks; null when these are not the first bytes of a log.</summary>
    private static bool? IsBigEndian(ReadOnlySpan<byte> magic) => BinaryPrimitives.ReadUInt32BigEndian(magic) switch
    {
        LittleEndian => false,
        LittleEndian + 1 => true,
        _ => null,
    };

    private static void Add(ReadOnlySpan<byte> bytes, bool isBigEndian, ref uint first, ref uint second)
    {
        for (var at = 0; at < bytes.Length; at += 8)
        {
            var (one, other) = (BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]));
            if (isBigEndian) (one, other) = (BinaryPrimitives.ReverseEndianness(one), BinaryPrimitives.ReverseEndianness(other));
            first += one + second;
            second += other + first;
        }
    }
}
