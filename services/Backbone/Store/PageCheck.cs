using System.Buffers.Binary;
using System.Numerics;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The check that stands at the end of each page of a store: two CRC-32C, one of each half, begun with the number of the page. It
/// finds every flipped bit, and a page that lies in another one's place.
/// </summary>
internal static class PageCheck
{
    /// <summary>Bytes at the end of each page that SQLite leaves to it. The header says so: SQLite alone reads the file too.</summary>
    public const int Size = 8;

    /// <summary>Where the header of a file says how many bytes of each page are left.</summary>
    public const int Place = 20;

    /// <summary>Writes the check behind the page's content.</summary>
    public static void Write(Span<byte> page, long number) => BinaryPrimitives.WriteUInt64LittleEndian(page[^Size..], Of(page, number));

    /// <summary>Whether the page is what was written.</summary>
    public static bool Holds(ReadOnlySpan<byte> page, long number) =>
        BinaryPrimitives.ReadUInt64LittleEndian(page[^Size..]) == Of(page, number);

    /// <summary>Writes the check of every page of a whole file.</summary>
    public static void WriteAll(Span<byte> file, int pageSize)
    {
        for (var at = 0; at < file.Length; at += pageSize) Write(file.Slice(at, pageSize), (at / pageSize) + 1);
    }

    // Two halves side by side: each step of a CRC waits for the one before.
    private static ulong Of(ReadOnlySpan<byte> page, long number)
    {
        var content = page[..^Size];
        var half = content.Length / 16 * 8;
        var (first, second) = ((uint)number, ~(uint)number);
        for (var at = 0; at < half; at += 8)
        {
            first = BitOperations.Crc32C(first, BinaryPrimitives.ReadUInt64LittleEndian(content[at..]));
            second = BitOperations.Crc32C(second, BinaryPrimitives.ReadUInt64LittleEndian(content[(half + at)..]));
        }

        for (var at = 2 * half; at < content.Length; at += 8)
        {
            second = BitOperations.Crc32C(second, BinaryPrimitives.ReadUInt64LittleEndian(content[at..]));
        }

        return ((ulong)second << 32) | first;
    }
}
