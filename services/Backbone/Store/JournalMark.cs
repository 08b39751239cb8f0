using System.Buffers.Binary;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// How far the write-ahead log of a store reached when it was last written to the disk: <c>&lt;store&gt;-mark</c> beside it. SQLite takes a
/// log that is damaged for one that ends there, and would silently serve the store without the commits behind it. After a store was closed
/// neither is there.
/// </summary>
internal sealed class JournalMark : IDisposable
{
    private const int Size = 24;
    private const int Salts = 8, SaltsAt = 16; // of the log: other ones each time that it begins anew

    private readonly FileStream _file;

    private JournalMark(FileStream file) => _file = file;

    /// <summary>The mark of a log, or of a store's file.</summary>
    public static string PathOf(string file) => (file.EndsWith("-wal", StringComparison.Ordinal) ? file[..^4] : file) + "-mark";

    public static JournalMark Open(string journal) => new(new FileStream(PathOf(journal), new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    }));

    /// <summary>Notes that the log is on the disk up to here. Not flushed itself: a mark of before asks for less.</summary>
    public void Note(ReadOnlySpan<byte> salts, long end)
    {
        Span<byte> mark = stackalloc byte[Size];
        salts.CopyTo(mark);
        BinaryPrimitives.WriteInt64LittleEndian(mark[Salts..], end);
        BinaryPrimitives.WriteUInt64LittleEndian(mark[^8..], CheckOf(mark));
        RandomAccess.Write(_file.SafeFileHandle, mark, 0);
    }

    /// <summary>Notes, on the disk, that nothing is asked of the log: what it asked for is written over next.</summary>
    public void Forget()
    {
        RandomAccess.Write(_file.SafeFileHandle, new byte[Size], 0);
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
    }

    /// <summary>Refuses a store whose log does not reach any more as far as it did.</summary>
    /// <exception cref="InvalidDataException">Commits are lost that were acknowledged.</exception>
    public static void Require(string store)
    {
        if (!File.Exists(PathOf(store))) return;
        var mark = File.ReadAllBytes(PathOf(store));
        // A mark that was not written whole, or is damaged itself, says nothing.
        if (mark.Length != Size || BinaryPrimitives.ReadUInt64LittleEndian(mark.AsSpan(^8)) != CheckOf(mark)) return;
        var journal = store + "-wal";
        if (!File.Exists(journal))
        {
            throw new InvalidDataException(
                $"{Path.GetFileName(journal)} is missing, and with it what was recorded last, unless another program such as the sqlite3 shell "
                + "opened the store and wrote it into the file, which then lacks the checks of those pages; restore the store from a backup");
        }

        using var log = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var end = BinaryPrimitives.ReadInt64LittleEndian(mark.AsSpan(Salts));
        if (!Reaches(log, mark.AsSpan(0, Salts), end))
        {
            throw new InvalidDataException(
                $"{Path.GetFileName(journal)} is damaged, and with it what was recorded last; restore the store from a backup");
        }
    }

    private static bool Reaches(FileStream log, ReadOnlySpan<byte> salts, long end)
    {
        Span<byte> header = stackalloc byte[JournalCheck.Header];
        if (log.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length) return false;
        if (!JournalCheck.Holds(header)) return false;
        // It began anew since: all of before is in the store's file.
        if (!header.Slice(SaltsAt, Salts).SequenceEqual(salts)) return true;
        var frame = new byte[JournalCheck.FrameHeader + BinaryPrimitives.ReadInt32BigEndian(header[8..])];
        Span<byte> before = stackalloc byte[8];
        header[^8..].CopyTo(before);
        while (log.Position < end)
        {
            if (log.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) < frame.Length) return false;
            var frameHeader = frame.AsSpan(0, JournalCheck.FrameHeader);
            if (!frameHeader.Slice(8, Salts).SequenceEqual(salts)) return false;
            if (!JournalCheck.Holds(header, before, frameHeader, frame.AsSpan(JournalCheck.FrameHeader))) return false;
            frameHeader[^8..].CopyTo(before);
        }

        return true;
    }

    private static ulong CheckOf(ReadOnlySpan<byte> mark) =>
        ~BinaryPrimitives.ReadUInt64LittleEndian(mark) ^ (ulong)BinaryPrimitives.ReadInt64LittleEndian(mark[Salts..]);

    public void Dispose() => _file.Dispose();
}
