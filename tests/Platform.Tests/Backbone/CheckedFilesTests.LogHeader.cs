using System.Buffers.Binary;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <content>What stands before the first page of a write-ahead log.</content>
public sealed partial class CheckedFilesTests
{
    private const int LogHeader = 32;
    private const int FrameHeader = 24;

    [Fact]
    public void Every_flipped_bit_of_the_header_of_a_log_and_of_its_first_frame_is_found()
    {
        var killed = Killed(rows: 5);
        var log = File.ReadAllBytes(killed + "-wal");
        for (var bit = 0; bit < (LogHeader + FrameHeader) * 8; bit++)
        {
            log[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(killed + "-wal", log);
            log[bit / 8] ^= (byte)(1 << (bit % 8));
            var refused = Assert.Throws<InvalidDataException>(() => Open(killed));
            Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(killed + "-wal", log);
        using var opened = Open(killed);
        Assert.Equal(6L, Number(opened, "SELECT COUNT(*) FROM things"));
    }

    [Fact]
    public void A_log_whose_checks_count_big_endian_numbers_is_read_like_any_other()
    {
        var killed = Killed(rows: 5);
        var log = File.ReadAllBytes(killed + "-wal");
        CountBigEndian(log);
        File.WriteAllBytes(killed + "-wal", log);
        using (var opened = Open(killed))
        {
            Assert.Equal(6L, Number(opened, "SELECT COUNT(*) FROM things"));
        }
    }

    /// <summary>Writes the checks of a log as SQLite does on a machine that counts from the other end (file format of SQLite, 4.1).</summary>
    private static void CountBigEndian(Span<byte> log)
    {
        log[3] ^= 1;
        var (first, second) = (0u, 0u);
        Count(log[..24], ref first, ref second);
        Put(log[24..32], first, second);
        for (var at = LogHeader; at < log.Length; at += FrameHeader + Page)
        {
            Count(log.Slice(at, 8), ref first, ref second);
            Count(log.Slice(at + FrameHeader, Page), ref first, ref second);
            Put(log.Slice(at + 16, 8), first, second);
        }
    }

    private static void Count(ReadOnlySpan<byte> bytes, ref uint first, ref uint second)
    {
        for (; bytes.Length > 0; bytes = bytes[8..])
        {
            first += BinaryPrimitives.ReadUInt32BigEndian(bytes) + second;
            second += BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) + first;
        }
    }

    private static void Put(Span<byte> place, uint first, uint second)
    {
        BinaryPrimitives.WriteUInt32BigEndian(place, first);
        BinaryPrimitives.WriteUInt32BigEndian(place[4..], second);
    }
}
