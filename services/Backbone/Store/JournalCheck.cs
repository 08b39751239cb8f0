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

    /// <summary>Begins a log whose checks are of little-endian numbers: what SQLite writes on a machine that is so itself.</summary>
    public const uint LittleEndian = 0x377f0682;

    /// <summary>Whether a frame is what was written.</summary>
    /// <param name="before">The check of the frame before, or of the header for the first.</param>
    /// <param name="frameHeader">What stands before the page.</param>
    /// <param name="page">The page.</param>
    public static bool Holds(ReadOnlySpan<byte> before, ReadOnlySpan<byte> frameHeader, ReadOnlySpan<byte> page)
    {
        var (first, second) = (BinaryPrimitives.ReadUInt32BigEndian(before), BinaryPrimitives.ReadUInt32BigEndian(before[4..]));
        Add(frameHeader[..8], ref first, ref second);
        Add(page, ref first, ref second);
        return first == BinaryPrimitives.ReadUInt32BigEndian(frameHeader[16..])
            && second == BinaryPrimitives.ReadUInt32BigEndian(frameHeader[20..]);
    }

    /// <summary>Whether the header is what was written; it ends with its check.</summary>
    public static bool Holds(ReadOnlySpan<byte> header)
    {
        var (first, second) = (0u, 0u);
        Add(header[..24], ref first, ref second);
        return first == BinaryPrimitives.ReadUInt32BigEndian(header[24..]) && second == BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
    }

    private static void Add(ReadOnlySpan<byte> bytes, ref uint first, ref uint second)
    {
        for (var at = 0; at < bytes.Length; at += 8)
        {
            first += BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) + second;
            second += BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]) + first;
        }
    }
}
